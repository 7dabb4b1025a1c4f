"""Serving: a model folder in LiteRT, hashed before it is parsed, loaded once per process when first asked for."""

from __future__ import annotations

import hashlib
import mmap
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nima.errors import ModelUnavailable
from nima.heads import HEADS
from nima.model.gates import Gates
from nima.model.manifest import SCORES, InputSpec, Manifest, ModelFile
from nima.model.pooled import Contributions, pooled_heads
from nima.native import processors

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

# How far a softmax in float32 may be from a sum of 1.
_SUM_TOLERANCE = 1e-3


class Model:
    """The heads of a model folder, ready to answer. Safe to share between threads.

    Args:
        folder: A folder with a manifest and the files it names.
        threads: Threads for one inference; None means one for each processor this process may use.

    Raises:
        ModelUnavailable: A file is missing, differs from its SHA-256, or is not a model with the promised outputs.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        self.manifest = Manifest.read(folder)
        self._folder = folder
        self._threads = threads or processors()
        self._lock = threading.Lock()
        self._interpreters = [
            (_interpreter(folder, file, self.manifest, self._threads), file.heads) for file in self.manifest.files
        ]
        self.gates = Gates.read(folder, self.manifest.reasons) if self.manifest.reasons else None

    def predict(self, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
        """Scores one prepared picture.

        Args:
            pixels: 8-bit sRGB of the shape that the manifest's input names.

        Returns:
            For each head a distribution over the scores 1..10: ten probabilities that sum to 1.

        Raises:
            ModelUnavailable: The model's answer is no distribution.
        """
        spec = self._spec(pixels)
        answer: dict[str, NDArray[np.float64]] = {}
        with self._lock:
            for interpreter, heads in self._interpreters:
                _fill(interpreter, pixels, spec)
                interpreter.invoke()
                for head, output in zip(heads, interpreter.get_output_details(), strict=True):
                    probabilities = interpreter.get_tensor(output["index"])[0].astype(np.float64)
                    total = probabilities.sum()
                    if not abs(total - 1) < _SUM_TOLERANCE or probabilities.min() < 0:
                        raise ModelUnavailable(
                            "The model does not answer with a distribution.",
                            detail=f"{self.manifest.id} {head}: {probabilities.tolist()}",
                        )
                    answer[head] = probabilities / total
                    if head in self.manifest.votes:
                        answer[head] = np.array(self.manifest.votes[head].like(answer[head].tolist()))
        return {head: answer[head] for head in HEADS if head in answer}

    def contributions(self, pixels: NDArray[np.uint8]) -> dict[str, Contributions]:
        """What the heads' means are made of, place by place, of those heads that are linear on means over places.

        The files are parsed again for it, and for each picture: what is computed on the way takes memory.

        Args:
            pixels: As ``predict`` takes them. The places are those of the whole picture, evenly.

        Raises:
            ModelUnavailable: A file is not any more what it was when it was loaded.
        """
        spec = self._spec(pixels)
        found: dict[str, Contributions] = {}
        for file in self.manifest.files:
            interpreter = _interpreter(self._folder, file, self.manifest, self._threads, keeping=True)
            heads = pooled_heads(interpreter, file.heads)
            if heads:
                _fill(interpreter, pixels, spec)
                interpreter.invoke()
                found |= {head: pooled.read(interpreter) for head, pooled in heads.items()}
        return found

    def _spec(self, pixels: NDArray[np.uint8]) -> InputSpec:
        spec = self.manifest.input
        if pixels.shape != spec.shape:
            raise ValueError(f"expected {spec.shape} pixels, got {pixels.shape}")
        return spec


def _fill(interpreter: Interpreter, pixels: NDArray[np.uint8], spec: InputSpec) -> None:
    """Scales pixels in the interpreter's own memory: a copy would cost fresh pages for every picture."""
    tensor = interpreter.tensor(interpreter.get_input_details()[0]["index"])()
    tensor[0] = pixels
    tensor *= np.float32(spec.scale)
    tensor += np.float32(spec.offset)


def _interpreter(
    folder: Path, file: ModelFile, manifest: Manifest, threads: int, *, keeping: bool = False
) -> Interpreter:
    """A file that was hashed before it is parsed; ``keeping`` keeps what is computed on the way."""
    # Hashed and parsed in place, by a memory map each: the weights are never copied.
    path = folder / file.path
    try:
        with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
            digest = hashlib.sha256(content).hexdigest()
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        raise ModelUnavailable("A model file cannot be read.", detail=f"{path}: {error}") from error
    if digest != file.sha256:
        raise ModelUnavailable(
            "A model file is damaged.",
            detail=f"{path} has SHA-256 {digest}, the manifest says {file.sha256}",
        )
    from ai_edge_litert.interpreter import Interpreter

    try:
        with warnings.catch_warnings():
            # Keeping is said to be for debugging: it is done for one picture that somebody asks about.
            warnings.simplefilter("ignore", UserWarning)
            interpreter = Interpreter(
                model_path=str(path), num_threads=threads, experimental_preserve_all_tensors=keeping
            )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelUnavailable("A model file cannot be loaded.", detail=f"{path}: {error}") from error
    _check_signature(interpreter, file, manifest)
    return interpreter


def _check_signature(interpreter: Interpreter, file: ModelFile, manifest: Manifest) -> None:
    def kind(detail: dict[str, Any]) -> str:
        return f"{np.dtype(detail['dtype']).name}{detail['shape'].tolist()}"

    expected_input = f"float32{[1, *manifest.input.shape]}"
    inputs = [kind(detail) for detail in interpreter.get_input_details()]
    outputs = [kind(detail) for detail in interpreter.get_output_details()]
    if inputs != [expected_input] or outputs != [f"float32{[1, SCORES]}"] * len(file.heads):
        raise ModelUnavailable(
            "A model file has an unexpected shape.",
            detail=f"{file.path}: inputs {inputs}, outputs {outputs}; expected {expected_input}, heads {file.heads}",
        )


def number_types(content: bytes) -> set[str]:
    """The names of the number types, such as ``float32`` and ``int8``, of all tensors of a LiteRT file.

    Raises:
        ModelUnavailable: It cannot be parsed.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        details = Interpreter(model_content=content).get_tensor_details()
    except (ValueError, RuntimeError) as error:
        raise ModelUnavailable("A model file cannot be loaded.", detail=str(error)) from error
    return {np.dtype(detail["dtype"]).name for detail in details}


class LazyModel:
    """A model that is loaded when it is first needed, once, whichever thread asks first.

    Args:
        folder: The model's folder, or what gets it and returns it.
        threads: As for ``Model``.
    """

    def __init__(self, folder: Path | Callable[[], Path], threads: int | None = None) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Model | None = None
        self._begun: Future[Model] | None = None

    @property
    def loaded(self) -> bool:
        return self._model is not None

    @property
    def begun(self) -> bool:
        """Whether a load was begun that nobody has waited for."""
        return self._begun is not None

    def begin(self) -> None:
        """Begins to load it in a thread, beside what goes before its first use; ``get`` waits for that."""
        if self._model is None and self._lock.acquire(blocking=False):  # else somebody loads it
            try:
                if self._model is None and self._begun is None:
                    pool = ThreadPoolExecutor(1, "model")
                    self._begun = pool.submit(self._load)
                    pool.shutdown(wait=False)
            finally:
                self._lock.release()

    def get(self) -> Model:
        """The model; raises ``ModelUnavailable`` if it cannot be loaded (and tries again at the next call)."""
        if self._model is None:
            with self._lock:
                if self._model is None:
                    begun, self._begun = self._begun, None
                    # What failed before anybody asked may have been for a picture of long ago.
                    waited = begun is not None and not (begun.done() and begun.exception())
                    self._model = begun.result() if begun is not None and waited else self._load()
        return self._model

    def _load(self) -> Model:
        folder = self._folder() if callable(self._folder) else self._folder
        return Model(folder, self._threads)
