#include "services/metadata/room.h"

#include <charconv>

#include <fmt/format.h>

#include "services/metadata/access.h"
#include "wire/dates.h"
#include "wire/json_value.h"

namespace tarn::metadata {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kBearer = "Bearer ";
// Of a session of IMDSv2, in seconds:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html
constexpr int kMostLife = 21600;
constexpr const char* kLifeHeader = "X-aws-ec2-metadata-token-ttl-seconds";

wire::Response json(const Json& content) {
  wire::Response out;
  out.headers.add("Content-Type", "application/json");
  out.content = content.dump();
  return out;
}

wire::Response text(std::string content) {
  wire::Response out;
  out.headers.add("Content-Type", "text/plain");
  out.content = std::move(content);
  return out;
}

Error unknown() {
  return {"Unauthorized",
          "The word of this request is not one that this server gave a program, or its keys have "
          "ended.",
          401};
}

Error absent(std::string_view path) {
  return {"NotFound", fmt::format("{} is not served by tarn's metadata service.", path), 404};
}

// What an instance calls its role: the last part of the ARN.
std::string role_name(const iam::Credential& keys) {
  const bool is_role = keys.session && !keys.session->role_arn.empty();
  const std::string& arn = is_role ? keys.session->role_arn : keys.arn;
  return arn.substr(arn.find_last_of("/:") + 1);
}

Json keys_document(const iam::Credential& keys) {
  Json out = {{"AccessKeyId", keys.access_key_id},
              {"SecretAccessKey", keys.secret_access_key},
              {"Token", keys.session_token}};
  // Keys are renewed while their program lives: who asks again finds a later end.
  if (keys.expires) out["Expiration"] = wire::to_iso8601(*keys.expires);
  return out;
}

}  // namespace

Task<Result<wire::Response>> MetadataRoom::serve(gateway::WebRequest request) {
  if (request.path.empty()) co_return absent("/");
  if (request.path.size() == 1 && request.path[0] == "credentials")
    co_return container_credentials(request);
  co_return instance(request);
}

Result<wire::Response> MetadataRoom::container_credentials(
    const gateway::WebRequest& request) const {
  if (request.method != "GET") return Error("MethodNotAllowed", "Only GET is served here.", 405);
  std::string_view word = request.headers->get("authorization");
  if (word.starts_with(kBearer)) word.remove_prefix(kBearer.size());
  const auto keys = keys_of(word, credentials_, clock_.now());
  if (!keys) return unknown();
  Json out = keys_document(*keys);
  out["RoleArn"] = keys->arn;
  return json(out);
}

Result<wire::Response> MetadataRoom::instance(const gateway::WebRequest& request) const {
  const auto keys = keys_of(request.path[0], credentials_, clock_.now());
  if (!keys) return unknown();
  if (request.path.size() < 4 || request.path[1] != "latest")
    return absent("A path outside latest/api and latest/meta-data");
  if (request.path[2] == "api" && request.path[3] == "token")
    return instance_session(request, *keys);
  if (request.path[2] == "meta-data") return instance_data(request, *keys);
  return absent("latest/" + request.path[2]);
}

Result<wire::Response> MetadataRoom::instance_session(const gateway::WebRequest& request,
                                                      const iam::Credential& keys) const {
  if (request.method != "PUT") return Error("MethodNotAllowed", "Only PUT is served here.", 405);
  // A proxy that was tricked into asking says for whom, and is refused.
  if (request.headers->has("X-Forwarded-For"))
    return Error("Forbidden", "A request that was forwarded gets no token.", 403);
  const std::string_view wanted = request.headers->get(kLifeHeader);
  int life = 0;
  const auto read = std::from_chars(wanted.data(), wanted.data() + wanted.size(), life);
  if (read.ec != std::errc() || read.ptr != wanted.data() + wanted.size() || life < 1 ||
      life > kMostLife) {
    return Error("BadRequest", fmt::format("{} must be 1 to {}.", kLifeHeader, kMostLife), 400);
  }
  wire::Response out = text(
      session_token(keys, clock_.now() + std::chrono::milliseconds(std::chrono::seconds(life))));
  out.headers.add(kLifeHeader, std::to_string(life));
  return out;
}

Result<wire::Response> MetadataRoom::instance_data(const gateway::WebRequest& request,
                                                   const iam::Credential& keys) const {
  if (request.method != "GET") return Error("MethodNotAllowed", "Only GET is served here.", 405);
  if (!is_session_token(request.headers->get("X-aws-ec2-metadata-token"), keys, clock_.now())) {
    return Error("Unauthorized",
                 "Only IMDSv2 is served: PUT latest/api/token first and send its answer as "
                 "X-aws-ec2-metadata-token.",
                 401);
  }
  std::string path;
  for (std::size_t i = 3; i < request.path.size(); ++i)
    path += (path.empty() ? "" : "/") + request.path[i];
  const std::string name = role_name(keys);
  if (path == "iam/security-credentials") return text(name);
  if (path == "iam/security-credentials/" + name) {
    Json out = {
        {"Code", "Success"}, {"LastUpdated", wire::to_iso8601(clock_.now())}, {"Type", "AWS-HMAC"}};
    out.update(keys_document(keys));
    return json(out);
  }
  if (path == "placement/region") return text(request.caller.region);
  return absent("latest/meta-data/" + path);
}

}  // namespace tarn::metadata
