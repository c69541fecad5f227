/** Saving a form as a draft, for the forms of records and for appraisals. */

/**
 * Post `form` to `address` as a draft and return the response.
 * `part` names the part of the page that the server should return; `options` are those of `fetch`.
 */
export function postDraft(address, form, part, options = {}) {
  const body = new FormData(form);
  body.set("intent", "draft");
  return fetch(address, { method: "POST", body, headers: { "X-Part": part }, ...options });
}
