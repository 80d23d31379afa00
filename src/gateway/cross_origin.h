// CrossOrigin: what a service tells browsers about pages of other origins (CORS).
//
// Place: gateway; a service that lets such pages in implements it and is added to the chain with
// it. Threads: safe from any thread, no disk.
#pragma once

#include <string_view>

#include "base/result.h"
#include "wire/http.h"

namespace tarn::gateway {

// `path` is that of the route: path-style, encoded.
class CrossOrigin {
 public:
  virtual ~CrossOrigin() = default;
  // The headers that answer a preflight, or why the page may not ask.
  [[nodiscard]] virtual Result<wire::Headers> preflight(const wire::Request& request,
                                                        std::string_view path) const = 0;
  // The headers to add to the answer of a request that has an Origin; none where no page is
  // allowed to see it.
  [[nodiscard]] virtual wire::Headers answer(const wire::Request& request,
                                             std::string_view path) const = 0;
};

}  // namespace tarn::gateway
