// The page names the specification; inline scripts are not allowed by our policy.
window.addEventListener("load", () => {
  const target = document.getElementById("swagger-ui");

  // What Swagger UI draws of itself has a second <main> and links inside buttons; the page
  // around it has the title.
  const house = ({ React, getComponent }) => {
    const part = (name) => React.createElement(getComponent(name, true));
    const Layout = ({ specSelectors }) => {
      if (!specSelectors.specStr()) return React.createElement("p", { role: "status" }, target.dataset.loading);
      return React.createElement(
        "div",
        { className: "swagger-ui" },
        part("errors"),
        React.createElement("div", { className: "auth-bar" }, part("AuthorizeBtnContainer")),
        part("operations"),
      );
    };
    return { components: { Layout, DeepLink: ({ text }) => React.createElement("span", null, text) } };
  };

  // Names and the keyboard's way for what it draws without.
  const name = (selector, label) => target.querySelectorAll(selector).forEach((control) => control.setAttribute("aria-label", label(control)));
  new MutationObserver(() => {
    target.querySelectorAll("pre").forEach((pre) => (pre.tabIndex = 0));
    target.querySelectorAll("[type=submit][aria-label]").forEach((button) => button.removeAttribute("aria-label"));
    name("[data-param-name] :is(input, select, textarea)", (control) => control.closest("[data-param-name]").dataset.paramName);
    name(".body-param textarea", () => "Request body");
    name(".close-modal", () => "Close");
  }).observe(target, { childList: true, subtree: true });

  SwaggerUIBundle({
    url: target.dataset.spec,
    domNode: target,
    deepLinking: true,
    plugins: [house],
    layout: "Layout",
  });
});
