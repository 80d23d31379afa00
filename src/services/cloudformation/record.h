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

#include "base/result.h"
#include "services/cloudformation/template/template.h"
#include "wire/json_value.h"

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
inline constexpr std::string_view kUpdateInProgress = "UPDATE_IN_PROGRESS";
inline constexpr std::string_view kUpdateCleanup = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS";
inline constexpr std::string_view kUpdateComplete = "UPDATE_COMPLETE";
inline constexpr std::string_view kUpdateFailed = "UPDATE_FAILED";
inline constexpr std::string_view kUpdateRollback = "UPDATE_ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view kUpdateRollbackCleanup =
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS";
inline constexpr std::string_view kUpdateRollbackComplete = "UPDATE_ROLLBACK_COMPLETE";
inline constexpr std::string_view kUpdateRollbackFailed = "UPDATE_ROLLBACK_FAILED";
inline constexpr std::string_view kImportInProgress = "IMPORT_IN_PROGRESS";
inline constexpr std::string_view kImportComplete = "IMPORT_COMPLETE";
inline constexpr std::string_view kImportFailed = "IMPORT_FAILED";
inline constexpr std::string_view kImportRollback = "IMPORT_ROLLBACK_IN_PROGRESS";
inline constexpr std::string_view kImportRollbackComplete = "IMPORT_ROLLBACK_COMPLETE";
inline constexpr std::string_view kReviewInProgress = "REVIEW_IN_PROGRESS";
}  // namespace status

// What a resource is, or was before an update.
struct ResourceState {
  std::string physical_name;  // that it is to have where the template names none
  std::string physical_id;    // empty: not there yet
  nlohmann::json properties = nlohmann::json::object();  // as evaluated
  nlohmann::json attributes = nlohmann::json::object();
  std::map<std::string, std::string> tags;  // of the stack, when it was made or updated
  std::vector<std::string> needs;           // those that had to be there before it
  Disposal on_delete = Disposal::kDelete;
  Disposal on_replace = Disposal::kDelete;

  [[nodiscard]] bool is_there() const { return !physical_id.empty(); }
};

// How far a resource is in the phase of an update that is under way.
enum class Step : std::uint8_t { kNone, kTaken, kDone };

// One property that is not as the template has it; values as texts or JSON, "null" where there is
// none.
struct PropertyDrift {
  std::string path;  // "/VersioningConfiguration/Status"
  std::string kind;  // ADD, REMOVE, NOT_EQUAL
  std::string expected;
  std::string actual;
};

// What the last check for drift found.
struct Drift {
  std::string status = "NOT_CHECKED";  // IN_SYNC, MODIFIED, DELETED
  std::int64_t checked_ms = 0;         // 0: never
  nlohmann::json actual;               // the properties, as they were
  std::vector<PropertyDrift> differences;
};

struct ResourceRecord : ResourceState {
  std::string name;  // the logical id
  std::string type;
  std::string status;  // empty: not begun
  std::string reason;
  std::int64_t updated_ms = 0;
  Drift drift;  // until the resource changes
  // Of an update:
  bool wanted = true;                    // the template that is being applied has it
  bool touched = false;                  // the update began to change it
  bool replacing = false;                // by another, which is being made
  Step step = Step::kNone;               // of the phase
  std::optional<ResourceState> before;   // the update; none: it was not there
  std::vector<ResourceState> leftovers;  // replaced ones, which go in the clean-up
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

// What a stack is made from, and what came of it.
struct StackState {
  std::string text;      // the template, as it is applied
  std::string original;  // it, before its macros; empty: it has none
  ParameterTexts parameters;
  std::map<std::string, std::string> tags;
  std::vector<std::string> capabilities;
  std::vector<std::string> notification_arns;
  std::vector<std::string> imports;  // names of exports that it uses
  std::vector<OutputRecord> outputs;
};

// What GetTemplate gives, and UsePreviousTemplate takes.
[[nodiscard]] inline const std::string& given_template(const StackState& state) {
  return state.original.empty() ? state.text : state.original;
}

// The last check of a whole stack for drift.
struct StackDrift {
  std::string detection_id;
  std::string status = "NOT_CHECKED";  // IN_SYNC, DRIFTED
  std::string failure;                 // DETECTION_FAILED of this
  std::int64_t checked_ms = 0;
  std::int64_t drifted = 0;  // so many resources
};

struct StackRecord : StackState {
  std::string id;  // its ARN
  std::string name;
  std::string account_id;
  std::string region;
  std::string status;
  std::string reason;
  std::string failure;  // what the last operation failed of: its reason may be over
  std::int64_t created_ms = 0;
  std::int64_t updated_ms = 0;  // when the last update began
  std::int64_t deleted_ms = 0;  // when deletion began
  std::string on_failure = "ROLLBACK";
  bool is_protected = false;
  std::int64_t timeout_minutes = 0;  // of its creation; 0: none
  std::string policy;                // as SetStackPolicy took it; empty: none
  StackDrift drift;
  std::string role_arn;       // under which its resources are operated; empty: who operates it
  std::string parent_id;      // of the stack whose resource it is
  std::string root_id;        // of the outermost of those
  std::string access_key_id;  // the keys of who began the operation; empty: none is under way
  std::string token;          // ClientRequestToken of that
  std::vector<std::string> retained;      // of a deletion: what stays
  std::vector<ResourceRecord> resources;  // in the order of the template
  std::uint64_t events = 0;               // so many have been recorded
  std::uint64_t updates = 0;              // so many have been begun
  // Of an update:
  std::optional<StackState> before;  // it, until it has ended
  bool is_cancelled = false;
  bool keeps_failure = false;        // DisableRollback
  std::string policy_during;         // for this update only; empty: `policy`
  std::string policy_next;           // from its success on; empty: as it is
  bool waits = false;                // a nested one: its parent says whether to clean up
  std::vector<std::string> skipped;  // of ContinueUpdateRollback
  bool deletes_new = false;          // RetainExceptOnCreate: a rollback, whatever their policies
  bool is_forced = false;            // a deletion passes over what cannot go

  [[nodiscard]] ResourceRecord* find(std::string_view logical_id);
  [[nodiscard]] const ResourceRecord* find(std::string_view logical_id) const;
  [[nodiscard]] bool is_gone() const { return status == status::kDeleteComplete; }
  [[nodiscard]] bool is_busy() const { return !access_key_id.empty(); }
};

inline constexpr std::string_view kStackPrefix = "s/";

[[nodiscard]] std::string stack_key(const StackRecord& stack);
[[nodiscard]] std::string resource_key(const StackRecord& stack, const ResourceRecord& resource);
[[nodiscard]] std::string resources_prefix(std::string_view stack_id);
// How many events there are: kept apart, so that a step need not write its whole stack.
[[nodiscard]] std::string count_key(std::string_view stack_id);
[[nodiscard]] std::string event_key(std::string_view stack_id, std::uint64_t number);
[[nodiscard]] std::string events_prefix(std::string_view stack_id);

// What of a record is a StackState, also where other records hold one.
[[nodiscard]] nlohmann::json encode_state(const StackState& state);
void read_state(const nlohmann::json& from, StackState& out);

// Without its resources, which have records of their own; `order` of those is kept.
[[nodiscard]] std::string encode(const StackRecord& stack);
[[nodiscard]] std::string encode(const ResourceRecord& resource);
[[nodiscard]] std::string encode(const EventRecord& event);
// Errors: kCorrupt.
[[nodiscard]] Result<StackRecord> decode_stack(std::string_view record);
[[nodiscard]] Result<ResourceRecord> decode_resource(std::string_view record);
[[nodiscard]] Result<EventRecord> decode_event(std::string_view record);

}  // namespace tarn::cloudformation
