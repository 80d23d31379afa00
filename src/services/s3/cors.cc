#include "services/s3/cors.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "wire/encoding.h"

namespace tarn::s3 {
namespace {

constexpr std::size_t kMaxCorsRules = 100;
constexpr std::array<std::string_view, 5> kMethods = {"GET", "PUT", "HEAD", "POST", "DELETE"};

bool is_method(std::string_view method) {
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

// One "*" of a pattern stands for any text.
bool fits(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  return text.size() >= head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
}

const std::string* fitting_origin(const CORSRule& rule, std::string_view origin) {
  for (const std::string& allowed : rule.allowed_origins) {
    if (fits(allowed, origin)) return &allowed;
  }
  return nullptr;
}

bool allows_header(const CORSRule& rule, std::string_view header) {
  if (!rule.allowed_headers) return false;
  return std::any_of(
      rule.allowed_headers->begin(), rule.allowed_headers->end(),
      [header](const std::string& allowed) { return fits(wire::to_lower(allowed), header); });
}

bool allows_method(const CORSRule& rule, std::string_view method) {
  return std::find(rule.allowed_methods.begin(), rule.allowed_methods.end(), method) !=
         rule.allowed_methods.end();
}

std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view name = wire::trim(list.substr(0, comma));
    if (!name.empty()) out.push_back(wire::to_lower(name));
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return out;
}

// The bucket of a path-style path.
std::string bucket_in(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return wire::percent_decode(path.substr(0, path.find('/')));
}

void add_allowed(const CORSRule& rule, std::string_view origin, wire::Headers& out) {
  const bool anyone = *fitting_origin(rule, origin) == "*";
  out.add("Access-Control-Allow-Origin", anyone ? "*" : std::string(origin));
  out.add("Access-Control-Allow-Methods", fmt::format("{}", fmt::join(rule.allowed_methods, ", ")));
  if (rule.expose_headers && !rule.expose_headers->empty()) {
    out.add("Access-Control-Expose-Headers",
            fmt::format("{}", fmt::join(*rule.expose_headers, ", ")));
  }
  if (rule.max_age_seconds) {
    out.add("Access-Control-Max-Age", std::to_string(*rule.max_age_seconds));
  }
  if (!anyone) out.add("Access-Control-Allow-Credentials", "true");
  out.add("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

tarn::Error forbidden(std::string_view why) {
  return tarn::Error("AccessForbidden", fmt::format("CORSResponse: {}", why), 403);
}

Status check_wildcards(const std::vector<std::string>& patterns, std::string_view what) {
  for (const std::string& pattern : patterns) {
    if (std::count(pattern.begin(), pattern.end(), '*') <= 1) continue;
    return tarn::Error(
        "InvalidRequest",
        fmt::format("{} \"{}\" can not have more than one wildcard.", what, pattern));
  }
  return {};
}

}  // namespace

const CORSRule* find_rule(const std::vector<CORSRule>& rules, std::string_view origin,
                          std::string_view method, const std::vector<std::string>& headers) {
  for (const CORSRule& rule : rules) {
    const bool all_headers =
        std::all_of(headers.begin(), headers.end(),
                    [&rule](const std::string& header) { return allows_header(rule, header); });
    if (fitting_origin(rule, origin) != nullptr && allows_method(rule, method) && all_headers) {
      return &rule;
    }
  }
  return nullptr;
}

Status check(const CORSConfiguration& configuration) {
  const auto& rules = configuration.cors_rules;
  if (rules.empty() || rules.size() > kMaxCorsRules) {
    return tarn::Error("MalformedXML",
                       fmt::format("A CORS configuration has 1 to {} rules, not {}.", kMaxCorsRules,
                                   rules.size()));
  }
  for (const CORSRule& rule : rules) {
    for (const std::string& method : rule.allowed_methods) {
      if (is_method(method)) continue;
      return tarn::Error("InvalidRequest",
                         fmt::format("Found unsupported HTTP method in CORS config. Unsupported "
                                     "method is {}",
                                     method));
    }
    TARN_CHECK(check_wildcards(rule.allowed_origins, "AllowedOrigin"));
    if (rule.allowed_headers) TARN_CHECK(check_wildcards(*rule.allowed_headers, "AllowedHeader"));
  }
  return {};
}

Result<wire::Headers> Cors::preflight(const wire::Request& request, std::string_view path) const {
  const std::string_view origin = request.headers.get("origin");
  const std::string_view method = request.headers.get("access-control-request-method");
  if (origin.empty()) {
    return tarn::Error("BadRequest", "Insufficient information. Origin request header needed.",
                       400);
  }
  if (!is_method(method)) {
    return tarn::Error(
        "BadRequest",
        fmt::format("Invalid Access-Control-Request-Method: {}", method.empty() ? "null" : method),
        400);
  }
  const auto settings = settings_.find(bucket_in(path));
  if (settings->cors.empty()) return forbidden("CORS is not enabled for this bucket.");
  const auto names = split_names(request.headers.get("access-control-request-headers"));
  const CORSRule* rule = find_rule(settings->cors, origin, method, names);
  if (rule == nullptr) {
    return forbidden(
        "This CORS request is not allowed: no rule of the bucket's CORS configuration allows its "
        "Origin, its method and its headers.");
  }
  wire::Headers out;
  add_allowed(*rule, origin, out);
  if (!names.empty()) {
    out.add("Access-Control-Allow-Headers", fmt::format("{}", fmt::join(names, ", ")));
  }
  return out;
}

wire::Headers Cors::answer(const wire::Request& request, std::string_view path) const {
  wire::Headers out;
  const std::string_view origin = request.headers.get("origin");
  const auto settings = settings_.find(bucket_in(path));
  const CORSRule* rule = find_rule(settings->cors, origin, request.method, {});
  if (rule != nullptr) add_allowed(*rule, origin, out);
  return out;
}

}  // namespace tarn::s3
