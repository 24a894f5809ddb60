"""Cells that somebody might type, each for what only it asks of the derivation."""

TYPED = {
    "leaky": "h = 0.7 * h_prev + 0.3 * tanh(U @ x + W @ h_prev + b)",
    "two states": """
        s = 0.5 * s_prev + tanh(W @ h_prev - p * s_prev + U @ (q * x) - b) * r
        z = sigmoid(A @ s) * (B @ h_prev + b)
        k = k_prev * s
        h = tanh(s) * z - 0.1 * h_prev + k
        m = m_prev + h""",
    "h goes on through another state": """
        h = tanh(U @ x + W @ m_prev)
        m = 0.5 * m_prev + h * h""",
    "one matrix twice": "h = tanh(U @ x + W @ (W @ h_prev) - W @ (0.5 * h_prev))",
    "a vector in two roles": "h = tanh(U @ x + p * h_prev + p)",
    "two roles, the other way round": "h = tanh(p + U @ x + p * h_prev)",
    "signs": "h = tanh(-(U @ x) - (W @ h_prev - b) + (a - h_prev) - (-p) * h_prev)",
    "inside a matrix of the input": """
        a = U @ sigmoid(q * x) + A @ (tanh(q * x + r) + x * x)
        h = tanh(a + B @ (p * q + x) + W @ h_prev)""",
    "many uses": "h = tanh(U @ x + 0.01 * ("
    + " + ".join(["(" + " + ".join(["W @ h_prev", "p * h_prev"] * 5) + ")"] * 6)
    + "))",
    "constants": "h = 0.123456789 * h_prev + 1e-9 * h_prev * 2500000 + tanh(U @ x)",
    "states that are affine maps": """
        s = A @ x + p * s_prev + W @ h_prev + b
        h = B @ s + U @ x""",
    "a product of a product": "h = 100 * h_prev * h_prev + tanh(W @ (h_prev * h_prev)) + U @ x",
    "a matrix that multiplies a vector": "h = tanh(W @ b + U @ x + h_prev)",
    "no recurrence": "h = softplus(U @ x)",
    "activation of a state": "h = elu(U @ x) + isrlu(h_prev)",
}


def own(name: str) -> dict[str, str]:
    """The cell as a spec has it."""
    lines = (line.strip() for line in TYPED[name].strip().splitlines())
    return {"name": name, "equations": "\n".join(lines)}
