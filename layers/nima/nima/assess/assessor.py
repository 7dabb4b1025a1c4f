"""The whole way from the bytes of a file to its assessment. Knows nothing of AWS."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ParamSpec, TypeVar

import numpy as np
from PIL import Image

from nima.assess.advice import Trial, advise, crop
from nima.assess.confidence import judge_confidence
from nima.assess.deductions import find_deductions
from nima.assess.main_image import measure_main_image, with_text
from nima.assess.maps import make_maps
from nima.assess.phash import perceptual_hash
from nima.assess.scale import place, scale_of
from nima.assess.signals import of_frame, of_scores
from nima.assess.traits import find_kinds
from nima.document.assessment import ON_REQUEST, Assessment, File, Model, Reframing, Traits
from nima.document.composite import DEFAULT_STYLE, WEIGHED, Weights, compose
from nima.document.distribution import Distribution
from nima.document.policy import DEFAULT_RULES, MainImage, Policy, Verdict, Verdicts, judge_main_image
from nima.document.rules import MainImageRules
from nima.image.decode import Picture, read_picture
from nima.image.limits import Limits
from nima.image.look import Look
from nima.image.measure import Frame
from nima.image.product import find_product
from nima.image.thumbnail import make_thumbnail
from nima.model.litert import LazyModel
from nima.model.litert import Model as Loaded
from nima.model.manifest import InputSpec
from nima.model.prepare import PREPROCESSING, check_preprocessing, prepare
from nima.model.reasons import Reasons, Threshold

Of = ParamSpec("Of")
Found = TypeVar("Found")


class InTurn(Executor):
    """Does at once what it is given, in the thread that gives it."""

    def submit(self, fn: Callable[Of, Found], /, *args: Of.args, **kwargs: Of.kwargs) -> Future[Found]:
        """The result, or what was raised instead."""
        done: Future[Found] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def _thread() -> Executor:
    return ThreadPoolExecutor(1)


@dataclass(frozen=True)
class Assessor:
    """Assesses pictures with one model.

    Attributes:
        model: Loaded while the first picture is decoded.
        limits: Checked before anything is decoded.
        style: Composite style where a call names none.
        reframe: Whether products on plain backgrounds are re-framed to one fill before they are scored.
        rules: What main images are judged by.
        thumbnails: Whether a thumbnail is made as well.
        looks: Whether it is noted how a picture looks at a glance, by which those of a shoot are compared.
        maps: Whether maps are, which takes some inferences more.
        advice: Whether it is tried out what would help, which takes up to five more.
        crops: Whether the best crops are looked for, which takes up to twelve more.
        policy: What advice is to pass; None for that of ``rules``.
        beside: Makes what measures pictures beside the model: a thread, or ``InTurn`` where others use the processors.
        raw: How camera RAW is read, as ``read_picture`` takes it; None refuses it, as the functions on AWS do.
    """

    model: LazyModel
    limits: Limits = field(default_factory=Limits)
    style: str = DEFAULT_STYLE
    reframe: bool = True
    rules: MainImageRules = DEFAULT_RULES
    thumbnails: bool = False
    looks: bool = False
    maps: bool = False
    advice: bool = False
    crops: bool = False
    policy: Policy | None = None
    raw: str | None = None
    beside: Callable[[], Executor] = _thread

    def made(self, assessment: Assessment) -> bool:
        """Whether an assessment is of this model and in this style.

        Raises:
            ModelUnavailable: The model cannot be loaded.
        """
        name = self.model.get().manifest
        return (assessment.model, assessment.preprocessing, assessment.composite.style) == (
            Model(name.id, name.version),
            PREPROCESSING,
            self.style,
        )

    def making(self, wanted: Mapping[str, bool]) -> Assessor:
        """One that makes what is wanted of ``nima.document.assessment.ON_REQUEST``, and nothing else of it."""
        return replace(self, **{name: wanted.get(name, False) for name in ON_REQUEST})  # type: ignore[arg-type]

    def assess(self, data: bytes, style: str | None = None, weights: Weights | None = None) -> Assessment:
        """Assesses one picture.

        Raises:
            ImageTooLarge, UnsupportedFormat, UndecodableImage, TooManyPixels: The picture is refused.
            InvalidRequest: There is no such style.
            ModelUnavailable: The model cannot be loaded, or was made for a preprocessing unlike this one.
        """
        started = time.perf_counter()
        picture = read_picture(data, self.limits, self.raw, self.model.begin)
        decoded = time.perf_counter()
        frame = Frame.of(picture.frame)
        product = frame.product
        # Measuring takes place while the model loads and runs: neither holds the interpreter's lock for long.
        with self.beside() as pool:
            traits_found = pool.submit(_traits, picture, frame, reframed=self.reframe)
            signals_found = pool.submit(of_frame, frame)
            main_image_found = pool.submit(measure_main_image, picture, frame)
            phash_found = pool.submit(perceptual_hash, frame.grey)
            thumbnail_made = pool.submit(make_thumbnail, picture.frame) if self.thumbnails else None
            look_taken = pool.submit(Look.of, picture.frame) if self.looks else None
            model = self.model.get()
            check_preprocessing(model.manifest)
            loaded = time.perf_counter()
            thresholds = _thresholds(model.manifest.reasons, frame)
            deductions_found = pool.submit(find_deductions, picture, frame, model.gates, thresholds)
            spec = model.manifest.input
            predicted = model.predict(prepare(picture.frame, product if self.reframe else None, spec))
            inferred = time.perf_counter()
            deductions, traits = deductions_found.result(), traits_found.result()
        manifest, reframed = model.manifest, traits.reframed is not None
        scores = {head: place(head, Distribution.of(p.tolist()), manifest, reframed) for head, p in predicted.items()}
        scale = scale_of(manifest, reframed)
        technical, aesthetic = (scores[head] for head in WEIGHED)
        composite = compose(technical.mean, aesthetic.mean, aesthetic.std, style or self.style, weights, scale=scale)
        main_image = main_image_found.result()
        if "text_overlay" in thresholds:
            main_image = with_text(main_image, deductions)
        explained = time.perf_counter()
        means = {head: score.mean for head, score in scores.items()}
        made = make_maps(picture, frame, model, means, reframe=self.reframe) if self.maps else None
        ended = time.perf_counter()
        assessment = Assessment(
            image=File(len(data), picture.format, picture.width, picture.height),
            scores=scores,
            composite=composite,
            deductions=deductions,
            traits=traits,
            confidence=judge_confidence(
                traits,
                picture.width,
                picture.height,
                manifest.agreement_of(product is not None),
                {**signals_found.result(), **of_scores(technical.distribution, aesthetic.distribution)},
            ),
            phash=phash_found.result(),
            policies=Verdicts(judge_main_image(main_image, self.rules)),
            maps=made,
            thumbnail=thumbnail_made.result() if thumbnail_made else None,
            look=look_taken.result().to_bytes() if look_taken else None,
            scale=scale,
            model=Model(model.manifest.id, model.manifest.version),
            preprocessing=PREPROCESSING,
            timings_ms={
                "decode": _ms(decoded - started),
                "load": _ms(loaded - decoded),
                "infer": _ms(inferred - loaded),
                "explain": _ms(explained - inferred),
                **({"maps": _ms(ended - explained)} if self.maps else {}),
                "total": _ms(ended - started),
            },
        )
        trial = partial(_trial, model, spec, composite.weights, reframe=self.reframe)
        return self._helped(assessment.sorted_out(), picture, frame, trial)

    def _helped(self, found: Assessment, picture: Picture, frame: Frame, trial: Trial) -> Assessment:
        """The same with what would help it, as far as that is wanted."""
        if not (self.advice or self.crops):
            return found
        started, score, policy = time.perf_counter(), found.composite.score, self.policy
        found = found.judged(policy) if policy else found

        def judge(measures: MainImage) -> Verdict:
            return policy.judge(measures, found.image) if policy else judge_main_image(measures, self.rules)

        advice = crops = None
        if self.advice:
            advice = advise(picture, frame, found.deductions, found.verdict, judge=judge, trial=trial, composite=score)
        if self.crops:
            crops = crop(picture, frame, trial, score)
        taken = time.perf_counter() - started
        timings = {**found.timings_ms, "advise": _ms(taken), "total": _ms(taken + found.timings_ms["total"] / 1000)}
        return replace(found, advice=advice, crops=crops, timings_ms=timings)


def _trial(model: Loaded, spec: InputSpec, weights: Weights, image: Image.Image, *, reframe: bool) -> float:
    """The composite that a frame would have."""
    product = find_product(np.asarray(image)) if reframe else None
    predicted = model.predict(prepare(image, product, spec))
    technical, aesthetic = (Distribution.of(predicted[head].tolist()).mean for head in WEIGHED)
    return round(weights.technical * technical + weights.aesthetic * aesthetic, 4)


def _thresholds(reasons: Reasons | None, frame: Frame) -> Mapping[str, Threshold]:
    return reasons.of(product=frame.product is not None) if reasons else {}


def _traits(picture: Picture, frame: Frame, *, reframed: bool) -> Traits:
    product = frame.product
    return Traits(
        aspect=round(picture.width / picture.height, 3),
        cropped=picture.cropped,
        color_space=picture.color_space,
        reframed=Reframing(round(product.fill, 3), product.background)
        if product and product.free and reframed
        else None,
        kinds=find_kinds(frame),
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
