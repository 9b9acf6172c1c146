"""Folders of images: which of them are the frames, when they were taken, how they look."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from tam_viz.types import InputSpec, UserError
from tam_viz.video.clip import read_clip
from tam_viz.video.frames import Frames
from tam_viz.video.image_sequence import image_files, image_sequence
from tam_viz.video.images import read_images
from tests.video.makers import write


def all_of(folder: Path) -> Frames:
    return read_images(folder, "clip", np.arange)


def save(folder: Path, *names: str) -> None:
    for name in names:
        Image.new("RGB", (4, 3), (10, 20, 30)).save(folder / name)


def picture() -> np.ndarray:
    """Four colours in the corners of 8×6 pixels, none like another."""
    pixels = np.zeros((6, 8, 3), np.uint8)
    pixels[:3, :4], pixels[:3, 4:] = (220, 30, 30), (30, 200, 30)
    pixels[3:, :4], pixels[3:, 4:] = (30, 30, 220), (220, 220, 30)
    return pixels


def only(folder: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """The one image of a folder, and what is said beside the rate."""
    frames = all_of(folder)
    return np.asarray(frames.images[0]), frames.notices[1:]


KINDS = {
    "denseflow": (["img_{:05d}.jpg"], ["flow_x_{:05d}.jpg", "flow_y_{:05d}.jpg"]),
    "TSN": (["image_{:05d}.jpg"], ["x_{:05d}.jpg", "y_{:05d}.jpg"]),
    "depth": (["{:04d}-color.png"], ["{:04d}-depth.png"]),
    "masks without a word for colour": (["{:03d}.png"], ["{:03d}_mask.png"]),
    "hidden": (["frame{}.png"], ["._frame{}.png"]),
}


@pytest.mark.parametrize(("frames", "others"), KINDS.values(), ids=KINDS)
def test_frames_are_told_from_what_lies_beside(
    tmp_path: Path, frames: list[str], others: list[str]
) -> None:
    for i in (1, 2, 10):
        save(tmp_path, *(name.format(i) for name in (*frames, *others)))
    found = image_sequence(tmp_path, "clip")
    assert [file.name for file in found.files] == [frames[0].format(i) for i in (1, 2, 10)]
    told = any("passed over" in notice for notice in found.notices)
    assert told is not others[0].startswith(".")


def test_a_cover_and_other_files_are_passed_over(tmp_path: Path) -> None:
    save(tmp_path, *(f"{i}.jpg" for i in range(12)), "cover.png")
    for name in ("Thumbs.db", ".DS_Store", "notes.txt", "1.heic"):
        (tmp_path / name).touch()
    found = image_sequence(tmp_path, "clip")
    assert [file.stem for file in found.files] == [str(i) for i in range(12)]
    assert "'cover.png': 1" in found.notices[1]
    assert ".heic" in found.notices[2]


@pytest.mark.parametrize(
    "names",
    [
        ["left_{}.png", "right_{}.png"],
        ["img_{}.png", "image_{}.png"],
        ["cam1_{}.png", "cam2_{}.png"],
        ["{}.png", "{}.jpg"],
        ["flow_x_{}.png", "flow_y_{}.png"],
    ],
)
def test_two_sequences_in_one_folder_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        save(tmp_path, *(name.format(i) for i in range(4)))
    with pytest.raises(UserError, match=r"Leave only|leave only"):
        image_files(tmp_path)


def test_two_names_with_one_number_are_refused(tmp_path: Path) -> None:
    save(tmp_path, "a1.png", "a01.png", "a2.png")
    with pytest.raises(UserError, match="same number"):
        image_files(tmp_path)


@pytest.mark.parametrize(
    "names",
    [
        ["2024-01-05 12.30.59.png", "2024-01-05 12.31.00.png", "2024-01-05 12.31.59.png"],
        ["frame_0001_0.033s.png", "frame_0002_0.066s.png", "frame_0010_0.330s.png"],
        ["a.png", "b.png", "c.png"],
        ["1.jpg", "2.png", "3.JPG"],
    ],
)
def test_one_sequence_stays_one(tmp_path: Path, names: list[str]) -> None:
    save(tmp_path, *names)
    assert [file.name for file in image_files(tmp_path)] == names


MOMENTS = {
    "seconds since 1970": (
        "{}.png",
        [f"{1305031102 + i // 4}.{i % 4 * 250000:06d}" for i in range(9)],
    ),
    "microseconds": ("CAM_FRONT__{}.jpg", [f"{1531883530412470 + i * 250000}" for i in range(9)]),
    "nanoseconds": ("{}.png", [f"{1403636579763555584 + i * 250000000}" for i in range(9)]),
    "date and time": (
        "IMG_20230102_{}.jpg",
        [f"1011{50 + i // 4}_{i % 4 * 250:03d}" for i in range(9)],
    ),
}


@pytest.mark.parametrize(("form", "parts"), MOMENTS.values(), ids=MOMENTS)
def test_moments_in_names_are_the_times(form: str, parts: list[str], tmp_path: Path) -> None:
    save(tmp_path, *(form.format(part) for part in parts))
    found = image_sequence(tmp_path, "clip")
    assert [file.name for file in found.files] == [form.format(part) for part in parts]
    assert found.times_s == pytest.approx(np.arange(9) / 4, abs=0.001)
    assert found.duration_s == pytest.approx(9 / 4, abs=0.001)
    assert found.notices[0].startswith("The names of the images say when")
    at_ten = image_sequence(tmp_path, "clip", 10.0)
    assert at_ten.times_s == pytest.approx(np.arange(9) / 10)
    assert at_ten.notices == ()


def test_a_burst_over_a_full_minute_has_no_gap(tmp_path: Path) -> None:
    save(tmp_path, *(f"IMG_20230102_10{11 + i // 60}{i % 60:02d}.jpg" for i in range(55, 65)))
    found = image_sequence(tmp_path, "clip")
    assert found.times_s.tolist() == list(range(10))


def test_a_date_before_a_counter_is_no_moment(tmp_path: Path) -> None:
    save(tmp_path, *(f"20230102_101112_{i:04d}.jpg" for i in range(6)))
    found = image_sequence(tmp_path, "clip")
    assert found.times_s.tolist() == [i / 25 for i in range(6)]


def test_missing_numbers_are_told_and_times_go_by_the_numbers(tmp_path: Path) -> None:
    save(tmp_path, *(f"{i:03d}.png" for i in (3, 4, 5, 8, 9, 11)))
    (tmp_path / "fps.txt").write_text("10\n")
    found = image_sequence(tmp_path, "clip")
    assert found.times_s.tolist() == pytest.approx([0, 0.1, 0.2, 0.5, 0.6, 0.8])
    assert found.duration_s == pytest.approx(0.9)
    assert found.notices == (
        "3 images are missing in the sequence: 6 to 7, 10. Times go by the numbers.",
    )


def test_every_fifth_number_is_no_gap(tmp_path: Path) -> None:
    save(tmp_path, *(f"{i:03d}.png" for i in range(0, 40, 5)))
    found = image_sequence(tmp_path, "clip", 4.0)
    assert found.times_s.tolist() == [i / 4 for i in range(8)]
    assert (found.duration_s, found.notices) == (2.0, ())


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("12.5", 12.5),
        ("\ufefffps = 30\r\n", 30.0),
        ("30000/1001 fps", 29.97),
        ("Frame rate: 8", 8.0),
    ],
)
def test_the_rate_lies_beside_the_images(tmp_path: Path, text: str, rate: float) -> None:
    save(tmp_path, "1.png", "2.png")
    (tmp_path / "fps.txt").write_text(text, encoding="utf-8")
    frames = all_of(tmp_path)
    assert frames.times_s[1] == pytest.approx(1 / rate, rel=1e-4)
    assert not frames.notices
    assert image_sequence(tmp_path, "clip", 5.0).times_s[1] == 0.2  # an option goes first


@pytest.mark.parametrize("text", ["", "fast", "0", "-3", "1/0", "25 30", "99999", "12,5"])
def test_a_rate_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    save(tmp_path, "1.png")
    (tmp_path / "fps.txt").write_text(text)
    with pytest.raises(UserError, match="images per second"):
        image_sequence(tmp_path, "clip")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_as_exif_says(tmp_path: Path, orientation: int) -> None:
    turn = {  # what was done to the picture before it was stored
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    image = Image.fromarray(picture())
    stored = image if turn is None else image.transpose(turn)
    exif = stored.getexif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "1.png", exif=exif)
    assert only(tmp_path)[0].tolist() == picture().tolist()


@pytest.mark.parametrize("largest", [200, 1000, 4095, 40000, 65535])
def test_sixteen_bits_are_scaled_to_levels(tmp_path: Path, largest: int) -> None:
    values = np.linspace(0, largest, 48).reshape(6, 8).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "1.png")
    pixels, notices = only(tmp_path)
    white = {200: 255, 1000: 1023, 4095: 4095}.get(largest, 65535)
    assert pixels[..., 0].tolist() == np.rint(values * (255 / white)).astype(int).tolist()
    assert f"0 to {white}" in notices[0]


def test_more_than_sixteen_bits_are_scaled_by_what_is_there(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 100_000, 200_000]], np.int32)).save(tmp_path / "0.tif")
    pixels, notices = only(tmp_path)
    assert pixels[0, :, 0].tolist() == [0, 97, 195]
    assert "262143 (18 bits)" in notices[0]


def test_a_file_of_several_pictures_is_told(tmp_path: Path) -> None:
    more = [Image.fromarray(picture()[::-1])]
    Image.fromarray(picture()).save(tmp_path / "0.tif", save_all=True, append_images=more)
    pixels, notices = only(tmp_path)
    assert (pixels == picture()).all()
    assert notices == ("The images hold several pictures each; the first one of each is taken.",)


def test_flow_alone_is_told(tmp_path: Path) -> None:
    save(tmp_path, *(f"flow_x_{i}.png" for i in range(4)))
    assert "no pictures of a camera" in image_sequence(tmp_path, "clip").notices[1]


def test_the_range_is_that_of_the_folder(tmp_path: Path) -> None:
    for i, level in enumerate((100, 1000, 60000)):
        Image.fromarray(np.full((3, 4), level, np.uint16)).save(tmp_path / f"{i}.tif")
    frames = read_images(tmp_path, "clip", lambda _: np.array([1]))
    assert np.asarray(frames.images[0])[0, 0, 0] == round(1000 * 255 / 65535)


def test_numbers_that_are_no_levels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.array([[-3.0, 400.0]], np.float32)).save(tmp_path / "1.tif")
    with pytest.raises(UserError, match="between 0 and 1"):
        all_of(tmp_path)


def test_fractions_are_levels(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32)).save(tmp_path / "1.tif")
    assert only(tmp_path)[0][0, :, 1].tolist() == [0, 128, 255]


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparent_pixels_are_not_shown(tmp_path: Path, mode: str) -> None:
    rgba = np.dstack([picture(), np.full((6, 8), 255, np.uint8)])
    rgba[:, :4, 3] = 0
    image = Image.fromarray(rgba)
    if mode == "PA":
        image = image.quantize(16, method=Image.Quantize.FASTOCTREE)
    elif mode == "LA":
        image = image.convert("LA")
    image.save(tmp_path / "1.png")
    pixels, notices = only(tmp_path)
    assert (pixels[:, :4] == 0).all()
    assert (pixels[:, 4:] > 20).any(axis=2).all()
    assert notices == ("Transparent parts of the images are shown black.",)


def test_palettes_grey_and_two_levels_are_shown_as_they_are(tmp_path: Path) -> None:
    colours = Image.fromarray(picture())
    colours.quantize(8).save(tmp_path / "1.png")
    colours.convert("L").save(tmp_path / "2.png")
    Image.fromarray(picture()[..., 0] > 100).save(tmp_path / "3.png")
    palette, grey, two = map(np.asarray, all_of(tmp_path).images)
    assert palette.tolist() == picture().tolist()
    assert grey[..., 0].tolist() == np.asarray(colours.convert("L")).tolist()
    assert two[..., 0].tolist() == np.where(picture()[..., 0] > 100, 255, 0).tolist()


def test_inks_become_light(tmp_path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "1.jpg", quality=95)
    damaged = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("CMYK", (8, 8), (255, 0, 0, 0)).save(
        tmp_path / "2.jpg", quality=95, icc_profile=damaged
    )
    red, cyan = (np.asarray(image)[4, 4].astype(int) for image in all_of(tmp_path).images)
    assert np.abs(red - (255, 0, 0)).max() < 12
    assert np.abs(cyan - (0, 255, 255)).max() < 12


def test_images_of_several_sizes_are_told(tmp_path: Path) -> None:
    Image.new("RGB", (8, 6)).save(tmp_path / "1.png")
    Image.new("RGB", (6, 8)).save(tmp_path / "2.png")
    frames = all_of(tmp_path)
    assert [image.size for image in frames.images] == [(8, 6), (6, 8)]
    assert "6×8 and 8×6" in frames.notices[1]


def test_a_folder_without_readable_images_says_why(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no images; expected"):
        image_files(tmp_path)
    (tmp_path / "a").mkdir()
    save(tmp_path / "a", "1.png")
    with pytest.raises(UserError, match="its folder 'a' does"):
        image_files(tmp_path)
    (tmp_path / "1.heic").touch()
    with pytest.raises(UserError, match="as PNG or JPEG"):
        image_files(tmp_path)


def test_a_picture_by_another_name_is_read_and_a_text_is_not(tmp_path: Path) -> None:
    Image.fromarray(picture()).save(tmp_path / "1.png")
    (tmp_path / "1.png").rename(tmp_path / "1.jpg")
    assert only(tmp_path)[0].tolist() == picture().tolist()
    (tmp_path / "1.jpg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.raises(UserError, match=r"'1\.jpg' cannot be read"):
        all_of(tmp_path)


def test_a_rate_can_be_given_for_a_folder_and_for_no_video(tmp_path: Path) -> None:
    save(tmp_path, *(f"{i}.png" for i in range(8)))
    clip = read_clip(tmp_path, InputSpec(frames=8, resize=32, size=32), fps=4.0)
    assert clip.times_s.tolist() == pytest.approx([i / 4 for i in range(8)])
    assert clip.duration_s == pytest.approx(2.0)
    video = write(tmp_path / "clip.mp4")
    with pytest.raises(UserError, match="clock of its own"):
        read_clip(video, InputSpec(frames=8, resize=32, size=32), fps=4.0)
    with pytest.raises(UserError, match="images per second"):
        read_clip(tmp_path, InputSpec(frames=8, resize=32, size=32), fps=0.0)
