/* The names of the design. Their values for light and dark are in static/css/input.css. */
const names = [
  "canvas", "side", "panel", "subtle", "hover", "line", "row", "edge", "ink", "soft",
  "accent", "accent-hover", "accent-text", "selected", "danger", "danger-edge", "destroy", "destroy-hover",
  "neutral-fill", "neutral-text", "neutral-dot",
  "positive-fill", "positive-text", "positive-dot",
  "warning-fill", "warning-text", "warning-dot",
  "negative-fill", "negative-text", "negative-dot",
];

/** @type {import('tailwindcss').Config} */
module.exports = {
  theme: {
    extend: {
      colors: Object.fromEntries(names.map((name) => [name, `var(--${name})`])),
      fontFamily: { sans: ["Inter Variable", "system-ui", "sans-serif"] },
      fontSize: {
        xs: ["0.75rem", "1rem"],
        sm: ["0.8125rem", "1.25rem"],
        base: ["0.875rem", "1.375rem"],
        xl: ["1.25rem", "1.75rem"],
        "2xl": ["1.5rem", "2rem"],
      },
    },
  },
};
