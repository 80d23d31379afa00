#include "gateway/router.h"

#include <algorithm>

#include "wire/encoding.h"

namespace tarn::gateway {
namespace {

constexpr std::string_view kAwsSuffix = ".amazonaws.com";

struct HostParts {
  std::string service;
  std::string region;
  std::string bucket;  // of a virtual-host S3 request
};

bool looks_like_region(std::string_view text) {
  return std::count(text.begin(), text.end(), '-') >= 2 && !text.empty() && text.back() >= '0' &&
         text.back() <= '9';
}

std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  return colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos
             ? host
             : host.substr(0, colon);
}

// "bucket.s3.us-west-2", "s3-us-west-2", "kinesis.us-west-2", "sts"
HostParts split_aws_host(std::string_view name) {
  HostParts out;
  const std::size_t dot = name.rfind('.');
  const std::string_view last = dot == std::string_view::npos ? name : name.substr(dot + 1);
  if (dot != std::string_view::npos && looks_like_region(last) && !last.starts_with("s3-")) {
    out.region = last;
    name = name.substr(0, dot);
  }
  for (const std::string_view flavour : {".dualstack", ".fips"}) {
    if (name.ends_with(flavour)) name.remove_suffix(flavour.size());
  }
  const std::size_t before = name.rfind('.');
  std::string_view service = before == std::string_view::npos ? name : name.substr(before + 1);
  if (service.starts_with("s3-") && looks_like_region(service.substr(3))) {
    out.region = service.substr(3);
    service = "s3";
  }
  if (service == "s3" && before != std::string_view::npos) out.bucket = name.substr(0, before);
  out.service = service;
  return out;
}

HostParts split_host(std::string_view host) {
  const std::string name = wire::to_lower(without_port(host));
  if (name.ends_with(kAwsSuffix))
    return split_aws_host(std::string_view(name).substr(0, name.size() - kAwsSuffix.size()));
  HostParts out;
  for (const std::string_view local :
       {".s3.localhost", ".s3.localhost.localstack.cloud", ".localhost"}) {
    if (name.ends_with(local)) {
      out.bucket = name.substr(0, name.size() - local.size());
      out.service = "s3";
      break;
    }
  }
  return out;
}

std::string_view form_value(const wire::FormPairs& form, std::string_view name) {
  for (const auto& [key, value] : form) {
    if (key == name) return value;
  }
  return {};
}

// How many conditions of `known` the request meets beyond method and path; -1 where one is not met.
int match_conditions(const wire::KnownOperation& known, const wire::Request& request) {
  int met = 0;
  const std::size_t mark = known.uri.find('?');
  if (mark != std::string_view::npos) {
    for (const auto& [key, value] : wire::parse_query(known.uri.substr(mark + 1), false)) {
      const auto given = request.find_query(key);
      if (!given || (!value.empty() && *given != value)) return -1;
      ++met;
    }
  }
  if (!known.header.empty()) {
    if (!request.headers.has(known.header)) return -1;
    ++met;
  }
  return met;
}

// Whether the query names a part of what is at the path (?acl, ?uploads) that the operation is not
// about: another method would do it to the whole.
// (Unknown names are nobody's, and are passed over.)
bool is_about_a_part(const wire::ServiceModel& model, const wire::KnownOperation& chosen,
                     const wire::Request& request) {
  const auto parts_of = [](const wire::KnownOperation& known) {
    const std::size_t mark = known.uri.find('?');
    return mark == std::string_view::npos ? wire::FormPairs()
                                          : wire::parse_query(known.uri.substr(mark + 1), false);
  };
  const wire::FormPairs own = parts_of(chosen);
  const auto is_own = [&](const std::string& name) {
    return std::any_of(own.begin(), own.end(),
                       [&](const auto& pair) { return pair.first == name; });
  };
  for (const auto& known : model.known) {
    for (const auto& [name, value] : parts_of(known)) {
      if (!value.empty() || is_own(name) || !request.find_query(name)) continue;
      // GetObject reads one part of an object, and "id" says nothing by itself.
      if (name == "id" || (name == "partNumber" && request.method != "PUT")) continue;
      return true;
    }
  }
  return false;
}

const Action* find_action(const Service& service, std::string_view name) {
  for (const auto& action : service.actions()) {
    if (action.operation->name == name) return &action;
  }
  return nullptr;
}

const wire::KnownOperation* match_rest(const Service& service, const wire::Request& request,
                                       Route& route) {
  const wire::KnownOperation* best = nullptr;
  int best_met = -1;
  wire::Labels labels;
  for (const auto& known : service.model().known) {
    if (known.http_method != request.method || !wire::match_path(known.uri, route.path, labels))
      continue;
    const int met = match_conditions(known, request);
    // Of two that fit alike the model names the common one first (ListBuckets before
    // ListDirectoryBuckets), but of two names of one request (PutBucketLifecycle,
    // PutBucketLifecycleConfiguration) the one that is here is meant.
    const bool renamed = best != nullptr && met == best_met &&
                         find_action(service, best->name) == nullptr &&
                         find_action(service, known.name) != nullptr;
    if (met > best_met || renamed) {
      best = &known;
      best_met = met;
      route.labels = labels;
    }
  }
  if (best != nullptr && service.model().protocol == wire::Protocol::kRestXml &&
      !request.query.empty() && is_about_a_part(service.model(), *best, request)) {
    return nullptr;
  }
  return best;
}

}  // namespace

bool names_bucket(std::string_view host) {
  return !split_host(host).bucket.empty();
}

wire::Protocol guess_protocol(const wire::Request& request) {
  if (request.headers.has("x-amz-target")) return wire::Protocol::kJson;
  if (request.headers.get("content-type").starts_with("application/x-www-form-urlencoded"))
    return wire::Protocol::kQuery;
  if (request.headers.get("content-type").find("json") != std::string_view::npos)
    return wire::Protocol::kRestJson;
  return wire::Protocol::kRestXml;
}

Route Router::find(const wire::Request& request, const std::optional<wire::Signature>& signature,
                   const wire::FormPairs& form) const {
  Route route;
  const HostParts host = split_host(request.host);
  const std::string_view target = request.headers.get("x-amz-target");
  const std::string_view prefix = target.substr(0, target.rfind('.'));
  const std::string_view version = form_value(form, "Version");
  route.region = signature ? signature->region : host.region;
  route.service_name = signature                        ? signature->service
                       : !host.service.empty()          ? host.service
                       : target.empty() && form.empty() ? "s3"
                                                        : std::string(prefix);
  bool namesake = false;
  for (Service* service : services_) {
    const auto& model = service->model();
    const bool named =
        model.signing_name == route.service_name || model.endpoint_prefix == route.service_name;
    const bool targeted = !target.empty() && model.target_prefix == prefix;
    const bool versioned =
        route.service_name.empty() && !version.empty() && model.api_version == version;
    // Services may share a name, as DynamoDB and its streams do: the target tells them apart.
    if (named && !target.empty() && !model.target_prefix.empty() && model.target_prefix != prefix) {
      namesake = true;
      continue;
    }
    if (named || (targeted && !signature) || versioned) {
      route.service = service;
      break;
    }
  }
  if (!target.empty()) {
    route.operation_name = target.substr(target.rfind('.') + 1);
  } else {
    route.operation_name = form_value(form, "Action");
  }
  if (route.service == nullptr) {
    if (namesake) route.service_name = prefix;
    return route;
  }
  const auto& model = route.service->model();
  if (model.protocol == wire::Protocol::kRestXml || model.protocol == wire::Protocol::kRestJson) {
    route.path =
        host.bucket.empty() ? request.path : "/" + wire::percent_encode(host.bucket) + request.path;
    const auto* known = match_rest(*route.service, request, route);
    route.operation_name = known != nullptr ? std::string(known->name) : std::string();
  }
  route.known = std::any_of(model.known.begin(), model.known.end(),
                            [&](const auto& known) { return known.name == route.operation_name; });
  route.action = find_action(*route.service, route.operation_name);
  return route;
}

}  // namespace tarn::gateway
