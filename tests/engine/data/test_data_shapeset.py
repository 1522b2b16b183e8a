"""Shapeset-3x2 against its rule, recomputed here from what is to be seen in 10,000 pictures."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from engine.data import shapeset_scenes
from engine.data.polygons import row_spans
from engine.data.shapeset import BLOCK, CLASSES, block_scenes, pictures
from engine.data.shapeset_scenes import CORNERS, NOTHING, SIDE, Scenes

COUNT = 10_000
PRIORS = np.array([6, 6, 6, 4, 4, 4, 2, 2, 2]) / 36  # 1/6 for each single, 1/9 for each mixed pair, 1/18 for each equal one
UNLIKELY = 1e-4


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    """What is to be seen in the first 10,000 pictures."""
    blocks = [block_scenes(0, "stream", number) for number in range(-(-COUNT // BLOCK))]
    fields = [field.name for field in dataclasses.fields(Scenes)]
    return Scenes(**{name: np.concatenate([getattr(block, name) for block in blocks])[:COUNT] for name in fields})


@pytest.fixture(scope="module")
def drawn(scenes) -> np.ndarray:
    return pictures(scenes)


def there(scenes: Scenes):
    """Picture, place and corners [V, 2] of every object."""
    for picture, place in np.argwhere(scenes.kinds != NOTHING):
        yield picture, place, scenes.vertices[picture, place, : CORNERS[scenes.kinds[picture, place]]]


def maps_of(scenes: Scenes, kind: int) -> np.ndarray:
    """The linear maps from the regular polygon to the first objects of a kind, by least squares: [N, 2, 2]."""
    those = scenes.kinds[:, 0] == kind
    corners = CORNERS[kind]
    angles = 2 * np.pi * ((np.arange(corners) + 0.5) / corners + 0.25)
    regular = 0.5 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    outlines = scenes.vertices[those, 0, :corners] - scenes.centres[those, 0, None]
    found = np.linalg.pinv(regular) @ outlines
    np.testing.assert_allclose(regular @ found, outlines, atol=1e-9)
    return found.transpose(0, 2, 1)


def test_classes_come_as_often_as_their_priors_say(scenes):
    # An object that finds no place makes a picture of two one of a single object. That happens to about one picture in a
    # million, so that it cannot be seen in the frequencies of ten thousand.
    assert scenes.left_out.sum() <= 1
    counts = np.bincount(scenes.labels, minlength=9)
    assert stats.chisquare(counts, PRIORS * COUNT).pvalue > UNLIKELY


def test_a_constant_guess_is_wrong_in_83_per_cent(scenes):
    for single in range(3):
        assert (scenes.labels != single).mean() == pytest.approx(0.833, abs=0.01)
    assert 1 - np.bincount(scenes.labels).max() / COUNT == pytest.approx(0.833, abs=0.01)


def test_the_label_names_what_is_to_be_seen(scenes):
    names = ("triangle", "parallelogram", "ellipse")
    for kinds, label in zip(scenes.kinds, scenes.labels, strict=True):
        seen = sorted(kind for kind in kinds if kind != NOTHING)
        name = CLASSES[label]
        if len(seen) == 1:
            assert name == names[seen[0]]
        elif seen[0] == seen[1]:
            assert name == f"two {names[seen[0]]}s"
        else:
            assert sorted(name.split(" + ")) == sorted(names[kind] for kind in seen)


def test_every_object_lies_inside_with_a_margin_of_one_pixel(scenes):
    assert all(((corners >= 1 - 1e-9) & (corners <= SIDE - 1 + 1e-9)).all() for _, _, corners in there(scenes))


def test_the_outermost_pixels_are_background(scenes, drawn):
    frame = np.ones((SIDE, SIDE), bool)
    frame[1:-1, 1:-1] = False
    np.testing.assert_allclose(drawn[:, frame], np.repeat(2 * scenes.background[:, None] - 1, frame.sum(), axis=1), atol=1e-6)


def test_no_second_object_hides_more_than_half_of_the_first_by_the_authors_estimate(scenes):
    hidden = []
    for picture in np.flatnonzero(scenes.kinds[:, 1] != NOTHING):
        corners = [scenes.vertices[picture, place, : CORNERS[scenes.kinds[picture, place]]] for place in (0, 1)]
        hidden.append(estimate_hidden(*corners, *scenes.centres[picture]))
    assert max(hidden) <= 0.5 + 1e-9
    assert max(hidden) > 0.49  # the rule is at its limit somewhere
    assert np.mean(np.array(hidden) == 0) > 0.1  # and many do not touch
    both = scenes.kinds[:, 1] != NOTHING
    objects = [
        shapeset_scenes.Objects(scenes.vertices[both, place], scenes.centres[both, place], scenes.scales[both, place])
        for place in (0, 1)
    ]
    np.testing.assert_allclose(shapeset_scenes.hidden_share(*objects, scenes.kinds[both]), hidden, atol=1e-9)


def estimate_hidden(first, second, first_centre, second_centre):
    x, y = second_centre - first_centre
    distance = math.hypot(x, y)
    reach = (
        max((a - first_centre) @ (x, y) for a in first) / distance
        + max((b - second_centre) @ (-x, -y) for b in second) / distance
    )
    if reach < distance:
        return 0.0
    return (1 - math.exp(-(reach - distance) * math.log(2) / distance)) * area(second) / area(first)


def area(corners):
    """Of a polygon, by the shoelace formula."""
    x, y = corners.T
    return abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def test_a_second_object_is_placed_again_at_most_50_times(scenes):
    assert scenes.rejections.max() <= 50
    assert np.array_equal(scenes.left_out, scenes.rejections == 50)
    assert (scenes.rejections[scenes.kinds[:, 1] != NOTHING] > 0).mean() > 0.1


def test_an_object_without_a_place_is_left_out_and_the_label_is_that_of_the_other(monkeypatch):
    plenty = shapeset_scenes.draw_scenes(np.random.default_rng(3), 4000)
    monkeypatch.setattr(shapeset_scenes, "MOST_REJECTIONS", 1)
    few = shapeset_scenes.draw_scenes(np.random.default_rng(3), 4000)
    assert np.array_equal(few.left_out, plenty.rejections > 0)
    assert few.left_out.sum() > 300
    assert (few.kinds[few.left_out, 1] == NOTHING).all()
    assert np.array_equal(few.labels[few.left_out], few.kinds[few.left_out, 0])
    assert np.array_equal(few.labels[~few.left_out], plenty.labels[~few.left_out])
    for picture in pictures(few)[few.left_out]:
        assert len(np.unique(picture)) == 2  # background and one object


def test_greys_of_objects_and_background_are_from_opposite_ranges(scenes):
    light = scenes.background > 0.5
    assert light.sum() == pytest.approx(COUNT / 2, abs=4 * math.sqrt(COUNT) / 2)
    for greys, low, high in (
        (scenes.background[light], 0.55, 1.0),
        (scenes.background[~light], 0.0, 0.45),
        (scenes.greys[~light].ravel(), 0.55, 1.0),
        (scenes.greys[light].ravel(), 0.0, 0.45),
    ):
        assert stats.kstest(greys, stats.uniform(low, high - low).cdf).pvalue > UNLIKELY
    assert abs(stats.pearsonr(*scenes.greys[light].T).statistic) < 0.06  # each object draws its own


def test_pixels_are_greys_from_minus_one_to_one(scenes, drawn):
    for picture in range(300):
        greys = [scenes.background[picture], *scenes.greys[picture, scenes.kinds[picture] != NOTHING]]
        assert np.isin(drawn[picture], (2 * np.array(greys) - 1).astype(np.float32)).all()
    assert drawn.dtype == np.float32
    assert -1 <= drawn.min() < -0.99
    assert 0.99 < drawn.max() <= 1


def depth_within(corners):
    """How deep the centre of each pixel lies in a convex polygon: its distance from the nearest edge's line, [rows, columns]."""
    middles = np.arange(SIDE) + 0.5
    points = np.stack(np.meshgrid(middles, middles), axis=-1)
    depths = []
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        normal = np.array([y0 - y1, x1 - x0]) / math.hypot(x1 - x0, y1 - y0)
        if normal @ (corners.mean(axis=0) - (x0, y0)) < 0:
            normal = -normal
        depths.append((points - (x0, y0)) @ normal)
    return np.min(depths, axis=0)


def test_a_pixel_belongs_to_an_object_if_its_centre_does_and_the_later_object_covers_the_earlier(scenes, drawn):
    expected = np.empty((1000, SIDE, SIDE))
    expected[:] = 2 * scenes.background[:1000, None, None] - 1
    unsure = np.zeros(expected.shape, bool)
    for picture, place, corners in there(scenes):
        if picture < 1000:
            depth = depth_within(corners)
            unsure[picture] |= np.abs(depth) < 1e-4
            expected[picture][depth > 0] = 2 * scenes.greys[picture, place] - 1
    assert unsure.mean() < 1e-3
    np.testing.assert_allclose(drawn[:1000][~unsure], expected[~unsure], atol=1e-6)


def test_a_polygon_above_or_beside_all_pixels_covers_none():
    outside = np.array([[[5.0, -9.0], [9.0, -9.0], [7.0, -1.0]], [[2.1, 2.1], [2.4, 2.1], [2.2, 2.4]]])
    spans = row_spans(outside, 4)
    middles = np.arange(12) + 0.5
    assert not ((middles >= spans[:, 0, :, None]) & (middles <= spans[:, 1, :, None])).any()


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_objects_are_regular_polygons_skewed_scaled_and_turned(scenes, kind):
    maps = maps_of(scenes, kind)
    _, scales, skews = np.linalg.svd(maps)
    np.testing.assert_allclose(scales, scenes.scales[scenes.kinds[:, 0] == kind, 0], atol=1e-9)
    relative = (scales / SIDE - 0.2) / 0.6  # of two uniform draws the larger comes first
    assert stats.kstest(relative[:, 0] ** 2, "uniform").pvalue > UNLIKELY
    assert stats.kstest(1 - (1 - relative[:, 1]) ** 2, "uniform").pvalue > UNLIKELY
    half_step = np.pi / CORNERS[kind]
    skew = np.mod(np.arctan2(-skews[:, 0, 1], skews[:, 0, 0]) + np.pi / 2, np.pi) - np.pi / 2
    assert stats.kstest(skew, stats.uniform(-half_step, 2 * half_step).cdf).pvalue > UNLIKELY
    base = maps @ (1.0, 0.0)  # where the horizontal base of the regular polygon points
    assert stats.kstest(np.arctan2(base[:, 1], base[:, 0]), stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > UNLIKELY


def test_first_objects_are_anywhere_inside_with_equal_chance(scenes):
    outlines = scenes.vertices[:, 0] - scenes.centres[:, 0, None]
    low, high = 1 - outlines.min(axis=1), SIDE - 1 - outlines.max(axis=1)
    for place in ((scenes.centres[:, 0] - low) / (high - low)).T:
        assert stats.kstest(place, "uniform").pvalue > UNLIKELY
