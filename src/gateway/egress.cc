#include "gateway/egress.h"

#include <algorithm>

#include "wire/encoding.h"

namespace tarn::gateway {

Egress::Way Egress::way(std::string_view host) const {
  const std::string name = wire::to_lower(host);
  // "amazonaws.com" itself and the console's, sign-in's and China's names are not AWS endpoints of
  // this account.
  if (name.ends_with(".amazonaws.com") || name.ends_with(".api.aws")) return Way::kHome;
  const bool allowed = std::any_of(allowed_.begin(), allowed_.end(), [&](const std::string& entry) {
    return name == entry ||
           (entry.starts_with('.') && (name.ends_with(entry) || name == entry.substr(1)));
  });
  return allowed ? Way::kThrough : Way::kRefused;
}

}  // namespace tarn::gateway
