#include "services/lambda/service.h"

#include <utility>

#include "services/lambda/actions.h"

namespace tarn::lambda {
namespace {

using Actions = gateway::ActionList<
    Lambda, CreateFunction, GetFunction, GetFunctionConfiguration, UpdateFunctionCode,
    UpdateFunctionConfiguration, DeleteFunction, ListFunctions, Invoke, PublishVersion,
    ListVersionsByFunction, CreateAlias, GetAlias, UpdateAlias, DeleteAlias, ListAliases,
    AddPermission, RemovePermission, GetPolicy, TagResource, UntagResource, ListTags,
    PutFunctionConcurrency, GetFunctionConcurrency, DeleteFunctionConcurrency, GetAccountSettings>;

}  // namespace

LambdaService::LambdaService(platform::Platform platform, store::Store& store, Identity identity,
                             s3::ObjectStore& objects, sandbox::Sandboxes& sandboxes,
                             const gateway::InProcess& calls, Options options)
    : room_{platform,
            identity,
            objects,
            store::Journal(room_.platform, store),
            Packages(room_.platform.files, options.data_directory + "/packages"),
            Functions(room_.platform, store, room_.journal),
            ExecutionEnvironments(platform, sandboxes, room_.packages, identity.credentials,
                                  identity.roles, std::move(options)),
            Invocations(platform, store, room_.journal, room_.functions, room_.environments,
                        identity.credentials, calls)} {}

Task<Status> LambdaService::start() {
  const auto read = [this]() -> Status {
    TARN_CHECK(room_.functions.load());
    return room_.packages.clean(room_.functions.packages());
  };
  TARN_CO_CHECK(co_await room_.platform.tasks.offload(read));
  co_return co_await room_.environments.start();
}

Task<Status> LambdaService::resume() {
  co_return co_await room_.invocations.start();
}

Task<void> LambdaService::shut_down() {
  co_await room_.environments.shut_down();
  co_await room_.invocations.shut_down();
}

const wire::ServiceModel& LambdaService::model() const {
  return service_model();
}

std::span<const gateway::Action> LambdaService::actions() const {
  return Actions::table();
}

}  // namespace tarn::lambda
