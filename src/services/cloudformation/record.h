// Records: one stack, its resources and events, as they are kept.
//
// Place: services/cloudformation; described in docs/formats/cloudformation.md. Threads: value types
// of the control strand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "services/cloudformation/template/template.h"

namespace tarn::cloudformation {

// Of stacks and of resources, in the words of the API.
namespace status {
inline constexpr std::string_view kCreateInProgress = "CREATE_IN_PROGRESS";
inline constexpr std::string_view kCreateComplete = "CREATE_COMPLETE";
inline constexpr std::string_view kCreateFailed = "CREATE_FAILED";
inline constexpr std::string_view kDeleteInProgress = "DELETE_IN_PROGRESS";
inline constexpr std::string_view kDeleteComplete = "DELETE_COMPLETE";
inline constexpr std::string_view kDeleteFailed = "DELETE_FAILED";
inline constexpr std::string_view kDeleteSkipped = "DELETE_SKIPPED";
inline constexpr std::string_view kRollbackInProgress = "ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view kRollbackComplete = "ROLLBACK_COMPLETE";
inline constexpr std::string_view kRollbackFailed = "ROLLBACK_FAILED";
}  // namespace status

struct ResourceRecord {
  std::string name;  // the logical id
  std::string type;
  std::string physical_name;  // that it is to have where the template names none
  std::string physical_id;    // empty: not there yet
  std::string status;         // empty: not begun
  std::string reason;
  std::int64_t updated_ms = 0;
  nlohmann::json properties = nlohmann::json::object();  // as evaluated
  nlohmann::json attributes = nlohmann::json::object();
  std::vector<std::string> needs;  // those that had to be there before it
  Disposal on_delete = Disposal::kDelete;

  [[nodiscard]] bool is_there() const { return !physical_id.empty(); }
};

struct OutputRecord {
  std::string key;
  std::string value;
  std::string description;
  std::string export_name;
};

struct EventRecord {
  std::string id;
  std::int64_t time_ms = 0;
  std::string name;  // the logical id; of the stack's own: its name
  std::string physical_id;
  std::string type;
  std::string status;
  std::string reason;
  std::string properties;  // JSON
  std::string token;       // ClientRequestToken
};

struct StackRecord {
  std::string id;  // its ARN
  std::string name;
  std::string account_id;
  std::string region;
  std::string status;
  std::string reason;
  std::int64_t created_ms = 0;
  std::int64_t deleted_ms = 0;  // when deletion began
  std::string text;             // the template
  ParameterTexts parameters;
  std::map<std::string, std::string> tags;
  std::vector<std::string> capabilities;
  std::vector<std::string> notification_arns;
  std::string on_failure = "ROLLBACK";
  bool is_protected = false;
  std::string access_key_id;  // the keys of who began the operation; empty: none is under way
  std::string token;          // ClientRequestToken of that
  std::vector<std::string> retained;  // of a deletion: what stays
  std::vector<std::string> imports;   // names of exports that it uses
  std::vector<OutputRecord> outputs;
  std::vector<ResourceRecord> resources;  // in the order of the template
  std::uint64_t events = 0;               // so many have been recorded

  [[nodiscard]] ResourceRecord* find(std::string_view logical_id);
  [[nodiscard]] bool is_gone() const { return status == status::kDeleteComplete; }
  [[nodiscard]] bool is_busy() const { return !access_key_id.empty(); }
};

inline constexpr std::string_view kStackPrefix = "s/";

[[nodiscard]] std::string stack_key(const StackRecord& stack);
[[nodiscard]] std::string resource_key(const StackRecord& stack, const ResourceRecord& resource);
[[nodiscard]] std::string resources_prefix(std::string_view stack_id);
[[nodiscard]] std::string event_key(std::string_view stack_id, std::uint64_t number);
[[nodiscard]] std::string events_prefix(std::string_view stack_id);

// Without its resources, which have records of their own; `order` of those is kept.
[[nodiscard]] std::string encode(const StackRecord& stack);
[[nodiscard]] std::string encode(const ResourceRecord& resource);
[[nodiscard]] std::string encode(const EventRecord& event);
// Errors: kCorrupt.
[[nodiscard]] Result<StackRecord> decode_stack(std::string_view record);
[[nodiscard]] Result<ResourceRecord> decode_resource(std::string_view record);
[[nodiscard]] Result<EventRecord> decode_event(std::string_view record);

}  // namespace tarn::cloudformation
