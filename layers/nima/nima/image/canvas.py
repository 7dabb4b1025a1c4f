"""What decoders leave on the canvas that no browser shows: bare places, and alpha that is none."""

from __future__ import annotations

from PIL import Image

from nima.image.crop import Box


def drop_blank_alpha(image: Image.Image) -> None:
    """Makes a picture opaque of which not one pixel would show."""
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (0, 0):
        image.putalpha(255)


def whiten_around(image: Image.Image, covered: Box) -> None:
    """Paints the canvas white where the first frame leaves it bare; bare places of a transparent one are so already."""
    left, top, right, bottom = covered
    width, height = image.size
    around = ((0, 0, width, top), (0, bottom, width, height), (0, top, left, bottom), (right, top, width, bottom))
    bare = [box for box in around if box[0] < box[2] and box[1] < box[3]]
    if not bare or "transparency" in image.info or image.mode in {"RGBA", "LA"}:
        return
    white = _white_of_palette(image, covered) if image.mode == "P" else "white"
    for box in bare:
        image.paste(white, box)


def _white_of_palette(image: Image.Image, covered: Box) -> int:
    """The index of white: one that the palette has, or one that no pixel uses, or that of the lightest colour."""
    palette = (image.getpalette() or [])[:768]
    colours = [tuple(palette[i : i + 3]) for i in range(0, len(palette), 3)]
    if (255, 255, 255) in colours:
        return colours.index((255, 255, 255))
    used = image.crop(covered).histogram()
    free = next((index for index in range(256) if not used[index]), None)
    if free is None:
        return max(range(len(colours)), key=lambda index: sum(colours[index]))
    padded = palette + [0] * (768 - len(palette))
    padded[3 * free : 3 * free + 3] = [255] * 3
    image.putpalette(padded)
    return free
