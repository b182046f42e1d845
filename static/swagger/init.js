// The page names the specification; inline scripts are not allowed by our policy.
window.addEventListener("load", () => {
  const target = document.getElementById("swagger-ui");
  SwaggerUIBundle({ url: target.dataset.spec, domNode: target, deepLinking: true, defaultModelsExpandDepth: -1 });
});
