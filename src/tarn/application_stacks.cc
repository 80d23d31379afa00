// Stacks, and every type of resource that they may have.
#include <string_view>
#include <utility>

#include "services/dynamodb/resources/resources.h"
#include "services/ec2/resources/resources.h"
#include "services/emr/resources/resources.h"
#include "services/glue/resources/resources.h"
#include "services/iam/resources/resources.h"
#include "services/kinesis/resources/resources.h"
#include "services/kms/resources/resources.h"
#include "services/lambda/resources/resources.h"
#include "services/logs/resources/resources.h"
#include "services/s3/resources/resources.h"
#include "services/secretsmanager/resources/resources.h"
#include "services/servicecatalog/resources/resources.h"
#include "services/ssm/resources/resources.h"
#include "tarn/application_parts.h"

namespace tarn::app {

// Stacks act through the other services, as who operates them.
Status Application::Parts::add_stacks() {
  stack_parameters = std::make_unique<StackParameters>(ec2->network(), ssm->parameters());
  cloudformation = std::make_unique<cloudformation::CloudFormationService>(
      platform, *store, cloudformation::Identities{*credentials, *roles, authorizer}, s3->store(),
      in_process, *stack_parameters, facts.endpoint.substr(std::string_view("http://").size()));
  add_resource_types();
  TARN_CHECK(real::run_on(threads.control(), cloudformation->start()));
  add(*cloudformation);
  servicecatalog = std::make_unique<servicecatalog::ServiceCatalogService>(
      platform, *store, servicecatalog::Identities{*credentials, *roles, *users, authorizer},
      cloudformation->launches());
  TARN_CHECK(servicecatalog->load());
  authorizer.add("servicecatalog", servicecatalog->levels());
  add(*servicecatalog);
  return {};
}

void Application::Parts::add_resource_types() {
  cloudformation->add(s3::bucket_type(in_process));
  cloudformation->add(s3::bucket_policy_type(in_process));
  cloudformation->add(kinesis::stream_type(in_process, clock));
  cloudformation->add(kinesis::stream_consumer_type(in_process, clock));
  cloudformation->add(dynamodb::table_type(in_process, clock));
  cloudformation->add(glue::database_type(in_process));
  cloudformation->add(kms::key_type(in_process));
  cloudformation->add(kms::alias_type(in_process));
  cloudformation->add(iam::role_type(in_process));
  cloudformation->add(iam::instance_profile_type(in_process));
  cloudformation->add(iam::managed_policy_type(in_process));
  cloudformation->add(iam::inline_policy_type(in_process));
  for (auto& type : ec2::resource_types(in_process)) cloudformation->add(std::move(type));
  for (auto& type : lambda::resource_types(in_process)) cloudformation->add(std::move(type));
  cloudformation->add(logs::log_group_type(in_process));
  cloudformation->add(logs::log_stream_type(in_process));
  cloudformation->add(emr::cluster_type(in_process, clock));
  cloudformation->add(emr::instance_fleet_type(in_process));
  cloudformation->add(emr::instance_group_type(in_process));
  cloudformation->add(emr::step_type(in_process));
  cloudformation->add(emr::security_configuration_type(in_process));
  cloudformation->add(emr::studio_type(in_process));
  cloudformation->add(emr::studio_session_mapping_type(in_process));
  cloudformation->add(ssm::parameter_type(in_process));
  cloudformation->add(secretsmanager::secret_type(in_process));
  for (auto& type : servicecatalog::resource_types(in_process, clock))
    cloudformation->add(std::move(type));
}

}  // namespace tarn::app
