"""What is learned of a pass, in NumPy: shares summed up, clipping, one update."""

from __future__ import annotations

from engine.listing.experiment import Experiment
from engine.listing.lines import Listing
from engine.part_spec import Adam, Momentum, RmsProp

SUM, CLIP, UPDATE = "sum.sum.", "sum.clip.", "update.update."


class Learning:
    """Writes the sum, clipping and the update; `own` are the cell's parameters as the listing calls them."""

    def __init__(self, e: Experiment) -> None:
        self.e = e
        self.local = [one.name for one in e.cell.parameters]
        self.readout = ["V", "c"] if e.spec.bias else ["V"]

    @property
    def gradients(self) -> dict[str, str]:
        """The gradient of every parameter, both by name; in the order of the parameters."""
        names = self.e.names
        own = {names.of(name): names.of(f"grad.{name}") for name in self.local}
        return own | {name: f"grad_{name}" for name in self.readout}

    def write(self, listing: Listing) -> None:
        """All that follows the way back, and what is printed."""
        self._sum(listing)
        if self.e.spec.clip_norm is not None:
            self._clip(listing)
        self._update(listing)
        self._print(listing)

    def _sum(self, listing: Listing) -> None:
        e = self.e
        if not e.tied:
            listing.section("No sum: every step has weights of its own, and its share is their gradient", SUM)
        elif e.sums_up:
            listing.section("Sum: the shares of all steps were added up as they came", SUM)
        else:
            listing.section("Sum: a shared weight gets the shares of all steps")
            for name in self.local:
                share, grad = e.names.of(f"{name}.share"), e.names.of(f"grad.{name}")
                text = f"[one.sum(axis=0) for one in {share}]" if e.layered else f"{share}.sum(axis=0)"
                listing.add(f"{grad} = {text}", SUM)
        share = f"grad_o[t] @ {e.top}[t].T" if e.batch else f"np.outer(grad_o[t], {e.top}[t])"
        text = f"sum({share} for t in range(T))" if e.tied else f"np.array([{share} for t in range(T)])"
        listing.add(f"grad_V = {text}", SUM)
        if e.spec.bias:
            listing.add(f"grad_c = {self._bias()}", SUM)

    def _bias(self) -> str:
        e = self.e
        if e.tied:
            return "grad_o.sum(axis=(0, 2))[:, None]" if e.batch else "grad_o.sum(axis=0)"
        return "grad_o.sum(axis=2, keepdims=True)" if e.batch else "grad_o"

    def _clip(self, listing: Listing) -> None:
        listing.section("Clipping")
        gradients = [f"*{grad}" if self._is_list(name) else grad for name, grad in self.gradients.items()]
        listing.add(f"gradients = [{', '.join(gradients)}]", CLIP)
        listing.add("grad_norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients))", CLIP)
        listing.add(f"clip_norm = {self.e.spec.clip_norm!r}", CLIP)
        listing.add("clip_scale = clip_norm / grad_norm if grad_norm > clip_norm else 1.0", CLIP)

    def _is_list(self, name: str) -> bool:
        return self.e.layered and name not in self.readout

    def _update(self, listing: Listing) -> None:
        how = self.e.spec.optimizer
        listing.section("Update")
        listing.add(f"learning_rate = {how.learning_rate!r}")
        body = _step(how)
        if body:
            listing.add()
            with listing.block("def step(gradient):"):
                listing.extend(body)
            listing.add()
        lists = [name for name in self.gradients if self._is_list(name)]
        if lists:
            with listing.block("for layer in range(layers):", UPDATE):
                for name in lists:
                    listing.add(self._moved(f"{name}[layer]", f"{self.gradients[name]}[layer]", bool(body)), UPDATE)
        for name, grad in self.gradients.items():
            if name not in lists:
                listing.add(self._moved(name, grad, bool(body)), UPDATE)

    def _moved(self, name: str, grad: str, by_step: bool) -> str:
        clipped = f"clip_scale * {grad}" if self.e.spec.clip_norm is not None else grad
        return f"{name} -= step({clipped})" if by_step else f"{name} -= learning_rate * {clipped}"

    def _print(self, listing: Listing) -> None:
        listing.add()
        listing.add('print("loss", L)')
        for name, grad in self.gradients.items():
            norm = f"np.linalg.norm({grad})"
            if self._is_list(name):
                norm = f"*[np.linalg.norm(one) for one in {grad}]"
            listing.add(f'print("norm of {grad}", {norm})')


def _step(how: object) -> list[str]:
    """By what a first update moves a weight; empty for gradient descent. What is remembered is zero before it."""
    match how:
        case Momentum():
            return [f"velocity = {how.momentum!r} * 0 + gradient  # it was 0 before", "return learning_rate * velocity"]
        case RmsProp():
            return [
                f"square = {how.decay!r} * 0 + (1 - {how.decay!r}) * gradient**2  # it was 0 before",
                f"return learning_rate * gradient / (np.sqrt(square) + {how.epsilon!r})",
            ]
        case Adam():
            return [
                f"mean = {how.beta1!r} * 0 + (1 - {how.beta1!r}) * gradient  # it was 0 before",
                f"square = {how.beta2!r} * 0 + (1 - {how.beta2!r}) * gradient**2  # it was 0 before",
                f"mean, square = mean / (1 - {how.beta1!r}), square / (1 - {how.beta2!r})  # as if it had not been 0",
                f"return learning_rate * mean / (np.sqrt(square) + {how.epsilon!r})",
            ]
        case _:
            return []
