"""Every stored case."""

from __future__ import annotations

from dataclasses import replace

from tests.reference.reference_case import Case

SMALL = Case("", "", timesteps=7, inputs=2, hidden=4, outputs=5)
"""The sizes of the newer cases, all different: I = 2, B = 3, H = 4, O = 5, T = 7."""


def small(name: str, cell: str, **fields: object) -> Case:
    """A case of the newer sizes, with what is unusual about it."""
    return replace(SMALL, name=name, cell=cell, **fields)  # type: ignore[arg-type]


PLAIN = [
    *(
        Case(f"{cell}_layers{layers}_batch{batch}", cell, layers, batch, timesteps=6 if batch == 1 else 5)
        for cell in ("rnn", "lstm", "gru", "gru_reset_before")
        for layers in (1, 2)
        for batch in (1, 3)
    ),
    Case("rnn_relu", "rnn", activation="relu"),
    Case("rnn_no_bias", "rnn", layers=2, bias=False),
    Case("gru_no_bias", "gru", bias=False),
    # A larger scale, so that some gates are beyond the kinks at +-3 and some are not.
    Case("lstm_hard_sigmoid", "lstm", gate_activation="hard_sigmoid", weight_scale=1.0),
    Case("lstm_linear_readout", "lstm", readout="linear"),
    Case("gru_last_step", "gru", layers=2, loss_at="last_step"),
]
ACTIVATED = {"lstm_peephole": "tanh", "lstm_coupled": "tanh", "mgu": "tanh", "irnn": "relu", "leaky": "tanh"}
FURTHER_CELLS = [
    small(f"{cell}_layers{layers}_batch{batch}", cell, layers=layers, batch=batch, activation=activation)
    for cell, activation in ACTIVATED.items()
    for layers in (1, 2)
    for batch in (1, 3)
]
TRUNCATED = [
    *(
        small(f"{cell}_truncated_{k1}_{k2}", cell, layers=layers, truncation=(k1, k2))
        for cell, layers in (("rnn", 1), ("lstm", 1), ("gru", 2))
        for k1, k2 in ((3, 3), (1, 4), (3, 5))
    ),
    small("rnn_truncated_batch1", "rnn", batch=1, truncation=(2, 3)),
    small("lstm_peephole_truncated", "lstm_peephole", truncation=(2, 3)),
    small("lstm_truncated_last_step", "lstm", layers=2, truncation=(3, 5), loss_at="last_step"),
    small("lstm_truncated_lengths", "lstm", truncation=(2, 3), lengths=(7, 2, 5)),
]
FED_BACK = [
    small("rnn_teacher", "rnn", feedback="teacher"),
    small("lstm_teacher_linear", "lstm", feedback="teacher", readout="linear"),
    small("gru_teacher_layers2", "gru", layers=2, feedback="teacher"),
    small("rnn_teacher_truncated", "rnn", feedback="teacher", truncation=(2, 3)),
    small("rnn_teacher_recurrence_none", "rnn", feedback="teacher", recurrence="none"),
    small("gru_teacher_lengths", "gru", feedback="teacher", lengths=(3, 7, 4)),
    small("rnn_free", "rnn", feedback="free"),
    small("rnn_free_batch1", "rnn", batch=1, feedback="free"),
    small("rnn_free_linear", "rnn", feedback="free", readout="linear"),
    small("rnn_free_layers2", "rnn", layers=2, feedback="free"),
    small("rnn_free_recurrence_none", "rnn", feedback="free", recurrence="none"),
    small("rnn_free_last_step", "rnn", feedback="free", loss_at="last_step"),
    small("lstm_free", "lstm", feedback="free"),
    small("lstm_free_linear_layers2", "lstm", layers=2, feedback="free", readout="linear"),
    small("lstm_free_lengths", "lstm", feedback="free", lengths=(7, 2, 5)),
    small("gru_free_linear", "gru", feedback="free", readout="linear"),
    small("gru_free_layers2", "gru", layers=2, feedback="free"),
    small("rnn_free_truncated", "rnn", feedback="free", truncation=(2, 3)),
    small("lstm_free_truncated_linear", "lstm", feedback="free", readout="linear", truncation=(2, 3)),
    small("gru_free_truncated_layers2", "gru", layers=2, feedback="free", truncation=(2, 3)),
    small("output_recurrent_teacher", "output_recurrent", feedback="teacher"),
    small("output_recurrent_free", "output_recurrent", feedback="free"),
    small("output_recurrent_free_linear", "output_recurrent", batch=1, feedback="free", readout="linear"),
    small("output_recurrent_free_layers2", "output_recurrent", layers=2, feedback="free"),
    small("output_recurrent_free_truncated", "output_recurrent", feedback="free", truncation=(2, 3)),
]
OF_DIFFERENT_LENGTHS = [
    small("rnn_lengths", "rnn", lengths=(4, 7, 1)),
    small("rnn_lengths_linear", "rnn", lengths=(2, 5, 7), readout="linear"),
    small("lstm_lengths_layers2", "lstm", layers=2, lengths=(7, 3, 6)),
    small("gru_lengths", "gru", lengths=(1, 7, 5)),
    small("gru_lengths_last_step", "gru", lengths=(5, 2, 7), loss_at="last_step"),
    # No sequence has T steps: the last one is padding for all.
    small("rnn_lengths_short", "rnn", lengths=(4, 6, 5), loss_at="last_step"),
]
WITH_FEWER_TARGETS = [
    small("gru_counted", "gru", sparse=True),
    small("rnn_counted_linear_truncated", "rnn", sparse=True, readout="linear", truncation=(2, 3)),
    small("lstm_counted_lengths_last_step", "lstm", sparse=True, lengths=(7, 2, 5), loss_at="last_step"),
]
UNTIED = [
    small("rnn_untied", "rnn", layers=2, parameters="own"),
    small("lstm_untied", "lstm", parameters="own"),
    small("lstm_untied_batch1", "lstm", batch=1, parameters="own"),
    small("gru_untied_equal", "gru", parameters="own_equal"),
    small("rnn_untied_free", "rnn", parameters="own", feedback="free"),
]
WITHOUT_RECURRENCE = [
    small("rnn_recurrence_none", "rnn", recurrence="none"),
    small("lstm_recurrence_none", "lstm", recurrence="none"),
    small("gru_recurrence_none_layers2", "gru", layers=2, recurrence="none"),
]
UPDATED = [
    small("rnn_clipped", "rnn", clip_norm=0.05, optimizer=(("kind", "sgd"), ("learning_rate", 0.5))),
    small("gru_clipped_rmsprop", "gru", clip_norm=0.05, optimizer=(("kind", "rmsprop"), ("learning_rate", 0.01))),
    small("lstm_not_clipped", "lstm", clip_norm=100.0, optimizer=(("kind", "momentum"), ("learning_rate", 0.5))),
]
CASES = [
    *PLAIN,
    *FURTHER_CELLS,
    *TRUNCATED,
    *FED_BACK,
    *OF_DIFFERENT_LENGTHS,
    *WITH_FEWER_TARGETS,
    *UNTIED,
    *WITHOUT_RECURRENCE,
    *UPDATED,
]
FLOWS = [
    small("flow_rnn", "rnn", timesteps=6),
    small("flow_lstm", "lstm", timesteps=6),
    small("flow_gru_layers2", "gru", layers=2, timesteps=6),
    small("flow_lstm_peephole_batch1", "lstm_peephole", batch=1, timesteps=6),
    small("flow_rnn_free", "rnn", timesteps=6, feedback="free"),
    small("flow_output_recurrent_free", "output_recurrent", timesteps=6, feedback="free"),
    small("flow_rnn_teacher_recurrence_none", "rnn", timesteps=6, feedback="teacher", recurrence="none"),
    small("flow_gru_lengths", "gru", timesteps=6, lengths=(6, 2, 4)),
    small("flow_rnn_counted", "rnn", timesteps=6, sparse=True),
    small("flow_rnn_truncated", "rnn", timesteps=6, truncation=(2, 3)),
]
