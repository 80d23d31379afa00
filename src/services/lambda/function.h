// Function: what the room keeps of a Lambda function.
//
// Place: services/lambda. Threads: values.
//
// Bounds and defaults: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/clock.h"

namespace tarn::lambda {

inline constexpr std::string_view kLatest = "$LATEST";

// A package as it lies on the disk (package.h).
struct Code {
  std::string sha256;  // of the zip, hexadecimal: also the name of its folder
  std::uint64_t size = 0;
};

// What is run: the function's latest state, or one that was published and stays as it is.
struct Version {
  std::string name = std::string(kLatest);  // or "1", "2", …
  std::string description;
  std::string runtime;  // "python3.12", "nodejs20.x"
  std::string handler;
  std::string role;  // ARN
  int timeout_s = 3;
  int memory_mb = 128;
  int storage_mb = 512;
  std::map<std::string, std::string> environment;
  std::string kms_key_arn;
  std::string tracing = "PassThrough";
  std::string architecture = "x86_64";
  std::string log_group;
  std::string log_format = "Text";
  Code code;
  Timestamp modified;
  std::string revision;
};

struct Alias {
  std::string name;
  std::string version;
  std::string description;
  std::string revision;
};

struct FunctionRecord {
  std::string name;
  std::string account;
  std::string region;
  Version latest;
  std::map<int, Version> versions;  // published
  int next_version = 1;
  std::map<std::string, Alias, std::less<>> aliases;
  std::map<std::string, std::string> tags;
  std::optional<int> reserved_concurrency;
  std::string policy;  // a JSON document; empty: none
  std::string policy_revision;

  [[nodiscard]] std::string arn() const {
    return "arn:aws:lambda:" + region + ":" + account + ":function:" + name;
  }
};

// An invocation that was acknowledged and has not been done.
struct QueuedEvent {
  std::string id;  // of the request; also of the record
  std::string account;
  std::string region;
  std::string function;
  std::string qualifier;
  std::string payload;
  std::string client_context;
  int attempts = 0;  // that failed
  Timestamp queued;
  Timestamp due;
};

}  // namespace tarn::lambda
