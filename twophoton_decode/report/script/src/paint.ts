// Pictures on canvases, and the colours of cells.

/** Draw pictures side by side in grey, from `low` to `high`. */
export function grey(
  canvas: HTMLCanvasElement,
  pictures: Float32Array[],
  size: { height: number; width: number },
  low: number,
  high: number,
): void {
  const { height, width } = size;
  const across = width * pictures.length;
  canvas.width = across;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(across, height);
  pictures.forEach((picture, place) => {
    for (let y = 0, from = 0; y < height; y++)
      for (let x = 0, to = (y * across + place * width) * 4; x < width; x++, from++, to += 4) {
        const shade = ((picture[from] - low) / (high - low || 1)) * 255;
        image.data[to] = image.data[to + 1] = image.data[to + 2] = shade;
        image.data[to + 3] = 255;
      }
  });
  context.putImageData(image, 0, 0);
}

// Blue below zero, orange above: told apart by colour-blind readers, and by lightness from zero.
const LOW = [33, 102, 172];
const HIGH = [179, 88, 6];

/** Draw a map from blue (−) over grey to orange (+), scaled to its largest value. */
export function diverging(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  size: { height: number; width: number },
): void {
  let top = 1e-12;
  for (let i = 0; i < values.length; i++) top = Math.max(top, Math.abs(values[i]));
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(size.width, size.height);
  for (let i = 0; i < values.length; i++) {
    const share = Math.abs(values[i]) / top;
    const end = values[i] < 0 ? LOW : HIGH;
    for (let k = 0; k < 3; k++) image.data[4 * i + k] = 244 + (end[k] - 244) * share;
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** Amber for a share from 0 to 1, on a dark ground: brighter and less transparent for more. */
export function amber(share: number): [colour: string, opacity: number] {
  const at = Math.max(0, Math.min(1, share));
  const green = Math.round(140 + 95 * at);
  const blue = Math.round(140 * at ** 3);
  return [`rgb(255,${green},${blue})`, Math.round(100 * Math.min(1, 1.15 * at ** 0.8)) / 100];
}

/** Blue for what lessens, amber for what adds, by a share from −1 to 1. */
export function signedColour(share: number): [colour: string, opacity: number] {
  const opacity = Math.round(100 * Math.min(1, Math.abs(share) ** 0.8)) / 100;
  return [share < 0 ? "rgb(90,170,255)" : "rgb(255,176,40)", opacity];
}
