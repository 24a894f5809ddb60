// Types of the part of Plotly that plot.js uses: the script in static/vendor/plotly/ sets a global and ships no types.

declare namespace Plotly {
  /** A trace, a layout, a configuration: Plotly checks what is in them, at run time. */
  type Options = Record<string, unknown>;

  /** The element that holds a plot. */
  interface Figure extends HTMLElement {
    data: Options[];
    layout: Options;
    on(event: string, listener: (event: PointEvent) => void): void;
    removeAllListeners(event: string): void;
  }

  /** What is under the pointer; of a heatmap also the row and column (`pointIndex`) and the value `z`. */
  interface Point {
    curveNumber: number;
    pointNumber: number;
    pointIndex?: [number, number];
    x: string | number;
    y: string | number;
    z?: number;
  }

  interface PointEvent {
    points: Point[];
    event: MouseEvent;
  }

  type Target = string | HTMLElement;

  function newPlot(
    target: Target,
    data: Options[],
    layout?: Options,
    config?: Options,
  ): Promise<Figure>;
  function react(
    target: Target,
    data: Options[],
    layout?: Options,
    config?: Options,
  ): Promise<Figure>;
  function restyle(target: Target, update: Options, traces?: number | number[]): Promise<Figure>;
  function relayout(target: Target, update: Options): Promise<Figure>;
  function update(
    target: Target,
    data: Options,
    layout?: Options,
    traces?: number | number[],
  ): Promise<Figure>;
  function toImage(
    figure: { data: Options[]; layout: Options },
    format: { format: "png" | "svg"; width: number; height: number },
  ): Promise<string>;
  function redraw(target: Target): Promise<Figure>;
  function purge(target: Target): void;
  namespace Plots {
    function resize(target: Target): Promise<void>;
  }
}
