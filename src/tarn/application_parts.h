// Application::Parts: what the server is made of, and how it is put together, one step after
// another.
//
// Place: tarn, inside application*.cc. Threads: those of Application.
#pragma once

#include <memory>
#include <string>

#include "gateway/certificates.h"
#include "gateway/chain.h"
#include "gateway/in_process.h"
#include "gateway/server.h"
#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/network.h"
#include "platform/real/process_table.h"
#include "platform/real/processes.h"
#include "platform/real/random.h"
#include "platform/real/threads.h"
#include "sandbox/sandboxes.h"
#include "services/cloudformation/service.h"
#include "services/cloudtrail/service.h"
#include "services/dynamodb/service.h"
#include "services/ec2/service.h"
#include "services/emr/agents_room.h"
#include "services/emr/emr_room.h"
#include "services/emr/record_room.h"
#include "services/emr/service.h"
#include "services/glue/service.h"
#include "services/iam/authorizer.h"
#include "services/iam/credentials.h"
#include "services/iam/directory_resources.h"
#include "services/iam/roles.h"
#include "services/iam/service.h"
#include "services/iam/users.h"
#include "services/iceberg/maintenance.h"
#include "services/iceberg/maintenance_room.h"
#include "services/iceberg/room.h"
#include "services/kinesis/service.h"
#include "services/kms/service.h"
#include "services/lambda/service.h"
#include "services/livy/room.h"
#include "services/logs/service.h"
#include "services/metadata/room.h"
#include "services/s3/service.h"
#include "services/secretsmanager/service.h"
#include "services/servicecatalog/service.h"
#include "services/ssm/service.h"
#include "services/sts/service.h"
#include "store/store.h"
#include "tarn/application.h"
#include "tarn/generator_room.h"
#include "tarn/health_room.h"
#include "tarn/stack_parameters.h"

namespace tarn::app {

namespace real = platform::real;

// In the order in which they are made; they go in the reverse order.
struct Application::Parts {
  Parts(const Configuration& configuration_, const ApplicationOptions& options_)
      : configuration(configuration_), options(options_) {}

  const Configuration configuration;
  const ApplicationOptions options;
  ServerFacts facts;
  std::string agent_token;

  real::Files files;  // holds the lock of the data directory
  real::Threads threads;
  real::Clock clock{threads};
  real::Random random;
  real::Processes processes{threads};
  real::Network network;
  platform::Platform platform{clock, random, threads, files, processes};

  std::unique_ptr<store::Store> store;
  std::unique_ptr<iam::Credentials> credentials;
  iam::Authorizer authorizer{clock};
  iam::ManagedPolicies managed_policies;
  std::unique_ptr<iam::Roles> roles;
  std::unique_ptr<iam::Users> users;
  std::unique_ptr<iam::LoginProfiles> logins;
  std::unique_ptr<iam::IamResources> iam_resources;
  std::unique_ptr<iam::TrustPolicies> trust_policies;
  gateway::InProcess in_process{authorizer};
  std::unique_ptr<gateway::CertificateAuthority> authority;
  std::unique_ptr<gateway::Chain> chain;
  std::unique_ptr<gateway::Server> server;
  std::unique_ptr<cloudtrail::CloudTrailService> cloudtrail;
  std::unique_ptr<sts::StsService> sts;
  std::unique_ptr<iam::IamService> iam;
  std::unique_ptr<kms::KmsService> kms;
  std::unique_ptr<ssm::SsmService> ssm;
  std::unique_ptr<secretsmanager::SecretsManagerService> secretsmanager;
  std::unique_ptr<kinesis::KinesisService> kinesis;
  std::unique_ptr<dynamodb::DynamodbService> dynamodb;
  std::unique_ptr<glue::GlueService> glue;
  std::unique_ptr<s3::S3Service> s3;
  std::unique_ptr<ec2::Ec2Service> ec2;
  std::unique_ptr<StackParameters> stack_parameters;
  std::unique_ptr<logs::LogsService> logs;
  std::unique_ptr<cloudformation::CloudFormationService> cloudformation;
  std::unique_ptr<servicecatalog::ServiceCatalogService> servicecatalog;
  std::unique_ptr<sandbox::Sandboxes> sandboxes;
  std::unique_ptr<lambda::LambdaService> lambda;
  std::unique_ptr<emr::EmrService> emr;
  std::unique_ptr<emr::EmrRoom> emr_room;
  std::unique_ptr<emr::RecordRoom> record_room;
  std::unique_ptr<emr::AgentsRoom> agents_room;
  std::unique_ptr<GeneratorRuns> generator_runs;
  std::unique_ptr<GeneratorRoom> generator_room;
  HealthRoom health;
  std::unique_ptr<MetricsRoom> metrics;
  std::unique_ptr<iceberg::Maintenance> maintenance;
  std::unique_ptr<iceberg::MaintenanceRoom> maintenance_room;
  std::unique_ptr<iceberg::IcebergRoom> iceberg;
  std::unique_ptr<metadata::MetadataRoom> metadata;
  std::unique_ptr<livy::LivyRoom> livy;

  Status open_data();
  Status open_account();
  Status choose_address();
  Status start_audit();
  Status add_services();
  void add(gateway::Service& service, const gateway::CrossOrigin* cross_origin = nullptr);
  void put_samples();
  Status add_parameters_and_secrets();
  Status add_stacks();
  void add_resource_types();
  void add_web_rooms();
  void add_generator();
  void add_iceberg();
  void start_sandboxes();
  void add_sessions();
  Status listen();
  void stop();
};

}  // namespace tarn::app
