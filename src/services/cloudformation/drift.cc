#include "services/cloudformation/drift.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {
namespace {

constexpr std::string_view kNotChecked = "NOT_CHECKED";
constexpr std::string_view kReference = "{{resolve:";

tarn::Error invalid_detection(std::string text) {
  return {"ValidationError", std::move(text), 400};
}

std::string shown(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Whether other resources of the stack add to it what nothing tells from another's doing: policies
// to a role, rules to a security group.
bool is_added_to(const StackRecord& stack, const ResourceRecord& resource) {
  const bool is_role = resource.type == "AWS::IAM::Role";
  if (!is_role && resource.type != "AWS::EC2::SecurityGroup") return false;
  const std::string_view ending = is_role ? "Policy" : "gress";
  const auto& all = stack.resources;
  return std::any_of(all.begin(), all.end(), [&](const ResourceRecord& each) {
    const auto& needs = each.needs;
    return each.type.ends_with(ending) &&
           std::find(needs.begin(), needs.end(), resource.name) != needs.end();
  });
}

// Compares what a template says with what is there, and keeps where they differ.
class Comparison {
 public:
  void compare(const std::string& path, const Json& expected, const Json& actual) {
    if (expected.is_string() && expected.get<std::string>().find(kReference) != std::string::npos)
      return;
    if (actual.is_null()) {
      add(path, "REMOVE", expected, actual);
    } else if (expected.is_object() && actual.is_object()) {
      for (const auto& [name, value] : expected.items())
        compare(fmt::format("{}/{}", path, name), value, actual.value(name, Json()));
    } else if (expected.is_array() && actual.is_array()) {
      compare_lists(path, expected, actual);
    } else if (!is_alike(expected, actual)) {
      add(path, "NOT_EQUAL", expected, actual);
    }
  }
  [[nodiscard]] std::vector<PropertyDrift> found() && { return std::move(found_); }

 private:
  // What is in both is taken off, each as often as it is there.
  void compare_lists(const std::string& path, const Json& expected, const Json& actual) {
    std::vector<bool> met(actual.size(), false);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      std::size_t at = 0;
      while (at < actual.size() && (met[at] || !is_alike_item(expected[i], actual[at]))) ++at;
      if (at < actual.size()) {
        met[at] = true;
      } else {
        add(fmt::format("{}/{}", path, i), "REMOVE", expected[i], Json());
      }
    }
    for (std::size_t i = 0; i < actual.size(); ++i) {
      if (!met[i]) add(fmt::format("{}/{}", path, i), "ADD", Json(), actual[i]);
    }
  }
  // What a template leaves out of an item has its default there.
  static bool is_alike_item(const Json& expected, const Json& actual) {
    Comparison inner;
    inner.compare("", expected, actual);
    return inner.found_.empty();
  }
  void add(const std::string& path, const char* kind, const Json& expected, const Json& actual) {
    found_.push_back({path, kind, shown(expected), shown(actual)});
  }

  std::vector<PropertyDrift> found_;
};

}  // namespace

std::vector<PropertyDrift> differences_of(const Json& expected, const PresentResource& present) {
  Comparison comparison;
  for (const auto& [name, value] : expected.items()) {
    if (!present.untold.contains(name))
      comparison.compare("/" + name, value, present.properties.value(name, Json()));
  }
  return std::move(comparison).found();
}

Task<Result<Drift>> DriftDetection::check(const Caller& caller, const StackRecord& stack,
                                          std::string name) const {
  const ResourceRecord& resource = *stack.find(name);
  Drift out;
  const ResourceType* type = types_.find(resource.type);
  if (type == nullptr || type->identifier().empty()) co_return out;
  ResourceOrder order;
  order.caller = caller;
  order.stack_id = stack.id;
  order.stack_name = stack.name;
  order.logical_id = resource.name;
  order.type = resource.type;
  order.physical_id = resource.physical_id;
  order.properties = resource.properties;
  order.attributes = resource.attributes;
  order.tags = resource.tags;
  const Json expected = resource.properties;
  TARN_CO_TRY(const auto present, co_await read_now(*type, std::move(order)));
  out.checked_ms = platform_.clock.now().ms;
  out.status = "DELETED";
  if (!present) co_return out;
  out.actual = present->properties;
  out.differences = differences_of(expected, *present);
  if (is_added_to(stack, resource))
    std::erase_if(out.differences, [](const PropertyDrift& each) { return each.kind == "ADD"; });
  out.status = out.differences.empty() ? "IN_SYNC" : "MODIFIED";
  co_return out;
}

Task<Status> DriftDetection::detect(Caller caller, std::shared_ptr<StackRecord> stack,
                                    std::set<std::string> names) {
  if (stack->is_busy() || stack->is_gone() || stack->status == status::kReviewInProgress) {
    co_return invalid_detection(
        fmt::format("Drift detection cannot be performed on stack [{}] in {} state", stack->name,
                    stack->status));
  }
  for (const std::string& name : names) {
    if (stack->find(name) != nullptr) continue;
    co_return invalid_detection(
        fmt::format("Resource {} does not exist for stack {}", name, stack->name));
  }
  const std::uint64_t events = stack->events;
  std::vector<std::string> wanted;
  for (const ResourceRecord& each : stack->resources) {
    if (each.is_there() && (names.empty() || names.contains(each.name)))
      wanted.push_back(each.name);
  }
  std::vector<Finding> findings;
  std::string failure;
  for (const std::string& name : wanted) {
    std::string checked = name;
    auto drift = co_await check(caller, *stack, std::move(checked));
    if (stack->events != events) {
      co_return invalid_detection(
          fmt::format("Stack [{}] was changed while it was checked", stack->name));
    }
    if (drift.ok()) {
      findings.push_back({name, *std::move(drift)});
    } else {
      failure += fmt::format("{}Failed to detect drift on resource [{}]: {}",
                             failure.empty() ? "" : "; ", name, drift.error().message);
    }
  }
  co_return co_await record(stack, std::move(findings), std::move(failure));
}

Task<Status> DriftDetection::record(std::shared_ptr<StackRecord> stack,
                                    std::vector<Finding> findings, std::string failure) {
  store::Batch batch;
  for (Finding& each : findings) {
    ResourceRecord& resource = *stack->find(each.name);
    resource.drift = std::move(each.drift);
    batch.put(store::Space::kCloudFormation, resource_key(*stack, resource), encode(resource));
  }
  StackDrift& drift = stack->drift;
  drift.detection_id = platform_.random.uuid();
  drift.failure = std::move(failure);
  drift.checked_ms = platform_.clock.now().ms;
  const auto& all = stack->resources;
  const auto is_drifted = [](const ResourceRecord& each) {
    return each.drift.status == "MODIFIED" || each.drift.status == "DELETED";
  };
  const auto is_checked = [](const ResourceRecord& each) {
    return each.drift.status != kNotChecked;
  };
  drift.drifted = std::count_if(all.begin(), all.end(), is_drifted);
  drift.status = "IN_SYNC";
  if (std::none_of(all.begin(), all.end(), is_checked)) drift.status = kNotChecked;
  if (drift.drifted > 0) drift.status = "DRIFTED";
  batch.put(store::Space::kCloudFormation, stack_key(*stack), encode(*stack));
  co_return co_await journal_.commit(std::move(batch));
}

}  // namespace tarn::cloudformation
