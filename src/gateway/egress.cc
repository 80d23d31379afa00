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

bool Egress::serves(std::string_view authority) const {
  const std::string_view host = authority.substr(0, authority.rfind(':'));
  if (host.size() != authority.size() && !authority.ends_with(":80")) return true;
  if (host.find_first_not_of("0123456789.") == std::string_view::npos || host.starts_with('['))
    return true;
  const std::string name = wire::to_lower(host);
  return name == "localhost" || name.ends_with(".localhost") || way(name) == Way::kHome;
}

}  // namespace tarn::gateway
