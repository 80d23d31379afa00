// AWS::Lambda::Permission.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-permission.html
#include <array>
#include <utility>

#include "services/cloudformation/short_name.h"
#include "services/lambda/resources/resources.h"

namespace tarn::lambda {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
constexpr std::size_t kMostStatementId = 100;

class PermissionType final : public cloudformation::ResourceType {
 public:
  explicit PermissionType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::Lambda::Permission"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 9> kProperties = {
        {replacing("Action", true), replacing("FunctionName", true), replacing("Principal", true),
         replacing("SourceAccount"), replacing("SourceArn"), replacing("PrincipalOrgID"),
         replacing("EventSourceToken"), replacing("FunctionUrlAuthType"),
         replacing("InvokedViaFunctionUrl")}};
    return kProperties;
  }
  // The statement's id is the resource's.
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = cloudformation::pick(
        order.properties, {"Action", "FunctionName", "Principal", "SourceAccount", "SourceArn",
                           "PrincipalOrgID", "EventSourceToken", "FunctionUrlAuthType"});
    const std::string id = cloudformation::short_name(order, kMostStatementId);
    input["StatementId"] = id;
    auto made = co_await calls_.call("lambda:AddPermission", order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("ResourceConflictException");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    MadeResource out{id, Json::object()};
    out.attributes = {{"Id", id}};
    co_return out;
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"FunctionName", order.properties["FunctionName"]},
                  {"StatementId", order.physical_id}};
    auto gone = co_await calls_.call("lambda:RemovePermission", order.caller, std::move(input));
    if (gone.ok() || gone.error().is("ResourceNotFoundException")) co_return Status();
    co_return std::move(gone).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> permission_type(const gateway::InProcess& calls) {
  return std::make_unique<PermissionType>(calls);
}

}  // namespace tarn::lambda
