"""From a training run to a model folder that the functions serve, proven to answer as the Keras model does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nima.model import keras_graph
from nima.model.folder import Places
from nima.model.install import Origin, pack
from nima.model.litert import Model
from nima.model.manifest import Manifest
from nima.model.place import check_name, check_own_id, check_place
from nima.model.staging import staged
from nima.training.export.lineage import held_out, licence_of, ratings_of, same_run, start_of
from nima.training.export.stored import Stored, store
from nima.training.labels.kept import summary
from nima.training.networks.architecture import BRANCHES, HIDDEN, input_spec, of_model
from nima.training.networks.build import build, start_from_folder, widened
from nima.training.networks.weights import fold_standard
from nima.training.progress import StepTick
from nima.training.trainer.folder import WEIGHTS, held, is_over, read_run
from nima.training.unrated import Unrated


@dataclass(frozen=True)
class Blend:
    """Weights between those of a run and those of the model that it began with.

    They often keep what the first model knew and much of what the run has learned (Wortsman et al., Robust fine-tuning
    of zero-shot models, 2022).

    Attributes:
        model: The folder of the model that the run began with.
        share: The run's share of each weight, 0..1.
        aesthetic_share: Where that model has a trunk for each head: the share of the aesthetic one, as in the run.
        head: A head that is, with its branch, that model's alone; None mixes both.
    """

    model: Path
    share: float
    aesthetic_share: float = 0.5
    head: str | None = None

    def to_json(self) -> dict[str, Any]:
        manifest = Manifest.read(self.model)
        document: dict[str, Any] = {"model": manifest.name, "share": self.share}
        if self.head:
            document["head"] = self.head
        return document | ({"aesthetic_share": self.aesthetic_share} if len(manifest.files) > 1 else {})


def export(
    run: Path,
    models: Path,
    origin: Origin,
    *,
    tick: StepTick = lambda step, done, total: None,
    blend: Blend | None = None,
    places: Places = (),
    pictures: Path | None = None,
    replacing: bool = False,
) -> tuple[Model, Stored]:
    """Converts the kept weights of a run to LiteRT and installs them as a model folder.

    Its manifest says where it comes from, and how it does on the run's test pictures where these can be read. A head
    that was not rated answers as in the model that the run began with: in the run's network, or in its own. Exported
    again, the same network keeps what it was calibrated with.

    Args:
        run: The run's folder.
        models: The folder of model folders.
        origin: What the manifest says. Without a licence it has that of the model that the run began with; without
            training data, the run's label file.
        tick: Called with how far each step is.
        blend: What the weights are mixed with; None takes them as they are.
        places: Where the model that the run began with is looked for.
        pictures: The folder of the run's pictures, if it is another by now.
        replacing: Whether it may take the place of a model that is not of this run; it keeps nothing of that.

    Returns:
        The installed model, and how its weights are stored.

    Raises:
        InvalidRequest: The run is being trained, has no weights, or is of one head and says nothing of the other; the
            id is none of one's own, or another model lies in its place.
        ModelUnavailable: The answers differ too much; nothing was installed.
    """
    check_own_id(origin.id)
    if origin.version:
        check_name(origin.version, "version")
    with held(run):
        architecture, document = read_run(run)
        unrated = Unrated.of_run(run, architecture, document)
        data, start = summary(run), start_of(document, places)
        known = {**document, **({"data": data} if data else {}), **({"blend": blend.to_json()} if blend else {})}
        known |= {} if is_over(run, document) else {"finished": False}

        def check() -> Path | None:
            return check_place(models, origin.id, lambda other: same_run(other.training, known), replacing=replacing)

        check()
        about = replace(
            origin,
            licence=origin.licence or licence_of(document, start or (blend.model if blend else None)),
            training_data=origin.training_data or ratings_of(data),
        )
        # Layers' names, which are counted, stand in the file: counted anew, the same run makes the same file.
        keras_graph.tensorflow().keras.utils.clear_session()
        model = build(architecture)
        model.load_weights(run / WEIGHTS)
        fold_standard(model)
        if blend:
            _mix(model, start_from_folder(architecture, blend.model, blend.aesthetic_share), blend)
        beside: dict[tuple[str, ...], bytes] = {}
        spec = input_spec(architecture)
        if unrated and unrated.alone:
            model = widened(model, unrated.start.input.tile - spec.tile)
            spec, beside = unrated.start.input, {(unrated.head,): unrated.network()}
            known = {**known, "unrated": unrated.to_json()}
        with staged(models, origin.id) as folder:
            earlier = check()  # nobody else installs meanwhile
            reasons = unrated.folder if unrated else None

            def serve(heads: tuple[str, ...], content: bytes) -> Model:
                return pack(folder, about, {heads: content, **beside}, spec, reasons=reasons)

            stored = store(model, spec, serve, partial(tick, "comparing"))
            # An output layer, which the network has not, would be in the way of the comparison.
            about = replace(about, **(unrated.facts() if unrated else {}))
            content = {stored.heads: stored.content, **beside}
            served = pack(folder, about, content, spec, reasons=reasons, earlier=earlier)
            found = {"stored": stored.to_json(), "held_out": held_out(run, served, start, tick, pictures=pictures)}
            replace(served.manifest, training={**known, **found, **origin.training}).write(folder)
    return Model(models / origin.id), stored


def _mix(model: Any, other: Any, blend: Blend) -> None:
    # A hidden layer that the other model lacks has nothing to be mixed with; there the head does not listen to it.
    new = {HIDDEN} if not of_model(Manifest.read(blend.model)).hidden else set()
    alone = {blend.head, BRANCHES[blend.head]} if blend.head else set()
    for layer in model.layers:
        if layer.name not in new:
            share = 0.0 if layer.name in alone else blend.share
            pairs = zip(layer.get_weights(), other.get_layer(layer.name).get_weights(), strict=True)
            layer.set_weights([share * ours + (1 - share) * theirs for ours, theirs in pairs])
