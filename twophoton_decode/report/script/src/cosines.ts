// The orthonormal cosine transform over both axes of a picture, as scipy's dctn(norm="ortho").

interface Table {
  height: number;
  width: number;
  rows: Float32Array; // frequency, row
  columns: Float32Array; // frequency, column
}

export function cosineTable(height: number, width: number): Table {
  return { height, width, rows: oneAxis(height), columns: oneAxis(width) };
}

function oneAxis(length: number): Float32Array {
  const table = new Float32Array(length * length);
  for (let k = 0; k < length; k++)
    for (let i = 0; i < length; i++)
      table[k * length + i] =
        Math.sqrt((k ? 2 : 1) / length) * Math.cos((Math.PI * k * (i + 0.5)) / length);
  return table;
}

export function toCosines(picture: Float32Array, table: Table): Float32Array {
  const { height, width, rows, columns } = table;
  const half = new Float32Array(height * width); // row, frequency along columns
  for (let y = 0; y < height; y++)
    for (let k = 0; k < width; k++) {
      let sum = 0;
      for (let x = 0; x < width; x++) sum += picture[y * width + x] * columns[k * width + x];
      half[y * width + k] = sum;
    }
  const weights = new Float32Array(height * width);
  for (let j = 0; j < height; j++)
    for (let y = 0; y < height; y++) {
      const cosine = rows[j * height + y];
      for (let k = 0; k < width; k++) weights[j * width + k] += cosine * half[y * width + k];
    }
  return weights;
}

export function fromCosines(weights: Float32Array, table: Table): Float32Array {
  const { height, width, rows, columns } = table;
  const half = new Float32Array(height * width); // row, frequency along columns
  for (let j = 0; j < height; j++)
    for (let y = 0; y < height; y++) {
      const cosine = rows[j * height + y];
      for (let k = 0; k < width; k++) half[y * width + k] += cosine * weights[j * width + k];
    }
  const picture = new Float32Array(height * width);
  for (let y = 0; y < height; y++)
    for (let k = 0; k < width; k++) {
      const weight = half[y * width + k];
      for (let x = 0; x < width; x++) picture[y * width + x] += weight * columns[k * width + x];
    }
  return picture;
}
