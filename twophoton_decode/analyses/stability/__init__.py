"""Do reconstructions of one image stay alike although the responding cells change?"""
