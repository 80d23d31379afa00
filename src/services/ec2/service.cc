#include "services/ec2/service.h"

#include "services/ec2/actions.h"

namespace tarn::ec2 {
namespace {

using Actions = AllActions<gateway::ActionList, Ec2>;

}  // namespace

const wire::ServiceModel& Ec2Service::model() const {
  return service_model();
}

std::span<const gateway::Action> Ec2Service::actions() const {
  return Actions::table();
}

}  // namespace tarn::ec2
