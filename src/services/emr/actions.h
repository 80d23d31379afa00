// The handlers of every action, so that service.cc can list them. Each .cc names the actions it
// holds.
//
// Place: services/emr. Threads: as service.h says. Errors of each: those that the model and the
// overlay declare.
#pragma once

#include "services/emr/api.h"
#include "services/emr/security_configuration.h"
#include "services/emr/service.h"

namespace tarn::emr {

// cluster_actions.cc
Task<Result<DescribeClusterOutput>> handle(DescribeCluster, EmrService&, const Caller&,
                                           DescribeClusterInput);
Task<Result<ListClustersOutput>> handle(ListClusters, EmrService&, const Caller&,
                                        ListClustersInput);
Task<Result<wire::Unit>> handle(TerminateJobFlows, EmrService&, const Caller&,
                                TerminateJobFlowsInput);
Task<Result<wire::Unit>> handle(SetTerminationProtection, EmrService&, const Caller&,
                                SetTerminationProtectionInput);
Task<Result<wire::Unit>> handle(SetKeepJobFlowAliveWhenNoSteps, EmrService&, const Caller&,
                                SetKeepJobFlowAliveWhenNoStepsInput);
Task<Result<wire::Unit>> handle(SetVisibleToAllUsers, EmrService&, const Caller&,
                                SetVisibleToAllUsersInput);
Task<Result<ModifyClusterOutput>> handle(ModifyCluster, EmrService&, const Caller&,
                                         ModifyClusterInput);
Task<Result<ListBootstrapActionsOutput>> handle(ListBootstrapActions, EmrService&, const Caller&,
                                                ListBootstrapActionsInput);

// run_actions.cc
Task<Result<RunJobFlowOutput>> handle(RunJobFlow, EmrService&, const Caller&, RunJobFlowInput);

// step_actions.cc
Task<Result<AddJobFlowStepsOutput>> handle(AddJobFlowSteps, EmrService&, const Caller&,
                                           AddJobFlowStepsInput);
Task<Result<ListStepsOutput>> handle(ListSteps, EmrService&, const Caller&, ListStepsInput);
Task<Result<DescribeStepOutput>> handle(DescribeStep, EmrService&, const Caller&,
                                        DescribeStepInput);
Task<Result<CancelStepsOutput>> handle(CancelSteps, EmrService&, const Caller&, CancelStepsInput);

// instance_actions.cc
Task<Result<ListInstancesOutput>> handle(ListInstances, EmrService&, const Caller&,
                                         ListInstancesInput);
Task<Result<ListInstanceFleetsOutput>> handle(ListInstanceFleets, EmrService&, const Caller&,
                                              ListInstanceFleetsInput);
Task<Result<ListInstanceGroupsOutput>> handle(ListInstanceGroups, EmrService&, const Caller&,
                                              ListInstanceGroupsInput);

// resize_actions.cc
Task<Result<AddInstanceFleetOutput>> handle(AddInstanceFleet, EmrService&, const Caller&,
                                            AddInstanceFleetInput);
Task<Result<wire::Unit>> handle(ModifyInstanceFleet, EmrService&, const Caller&,
                                ModifyInstanceFleetInput);
Task<Result<AddInstanceGroupsOutput>> handle(AddInstanceGroups, EmrService&, const Caller&,
                                             AddInstanceGroupsInput);
Task<Result<wire::Unit>> handle(ModifyInstanceGroups, EmrService&, const Caller&,
                                ModifyInstanceGroupsInput);

// scaling_actions.cc
Task<Result<PutManagedScalingPolicyOutput>> handle(PutManagedScalingPolicy, EmrService&,
                                                   const Caller&, PutManagedScalingPolicyInput);
Task<Result<GetManagedScalingPolicyOutput>> handle(GetManagedScalingPolicy, EmrService&,
                                                   const Caller&, GetManagedScalingPolicyInput);
Task<Result<RemoveManagedScalingPolicyOutput>> handle(RemoveManagedScalingPolicy, EmrService&,
                                                      const Caller&,
                                                      RemoveManagedScalingPolicyInput);

// tag_actions.cc
Task<Result<AddTagsOutput>> handle(AddTags, EmrService&, const Caller&, AddTagsInput);
Task<Result<RemoveTagsOutput>> handle(RemoveTags, EmrService&, const Caller&, RemoveTagsInput);

// idle_actions.cc
Task<Result<PutAutoTerminationPolicyOutput>> handle(PutAutoTerminationPolicy, EmrService&,
                                                    const Caller&, PutAutoTerminationPolicyInput);
Task<Result<GetAutoTerminationPolicyOutput>> handle(GetAutoTerminationPolicy, EmrService&,
                                                    const Caller&, GetAutoTerminationPolicyInput);
Task<Result<RemoveAutoTerminationPolicyOutput>> handle(RemoveAutoTerminationPolicy, EmrService&,
                                                       const Caller&,
                                                       RemoveAutoTerminationPolicyInput);

// security_actions.cc
Task<Result<CreateSecurityConfigurationOutput>> handle(CreateSecurityConfiguration, EmrService&,
                                                       const Caller&,
                                                       CreateSecurityConfigurationInput);
Task<Result<DescribeSecurityConfigurationOutput>> handle(DescribeSecurityConfiguration, EmrService&,
                                                         const Caller&,
                                                         DescribeSecurityConfigurationInput);
Task<Result<ListSecurityConfigurationsOutput>> handle(ListSecurityConfigurations, EmrService&,
                                                      const Caller&,
                                                      ListSecurityConfigurationsInput);
Task<Result<DeleteSecurityConfigurationOutput>> handle(DeleteSecurityConfiguration, EmrService&,
                                                       const Caller&,
                                                       DeleteSecurityConfigurationInput);
// Error: InvalidRequestException (there is none of this name).
[[nodiscard]] Result<SecurityConfigurationRecord> find_security(const EmrService& emr,
                                                                const Caller& caller,
                                                                const std::string& name);

// release_actions.cc
Task<Result<ListReleaseLabelsOutput>> handle(ListReleaseLabels, EmrService&, const Caller&,
                                             ListReleaseLabelsInput);
Task<Result<DescribeReleaseLabelOutput>> handle(DescribeReleaseLabel, EmrService&, const Caller&,
                                                DescribeReleaseLabelInput);
Task<Result<ListSupportedInstanceTypesOutput>> handle(ListSupportedInstanceTypes, EmrService&,
                                                      const Caller&,
                                                      ListSupportedInstanceTypesInput);

// ui_actions.cc
Task<Result<CreatePersistentAppUIOutput>> handle(CreatePersistentAppUI, EmrService&, const Caller&,
                                                 CreatePersistentAppUIInput);
Task<Result<DescribePersistentAppUIOutput>> handle(DescribePersistentAppUI, EmrService&,
                                                   const Caller&, DescribePersistentAppUIInput);
Task<Result<GetPersistentAppUIPresignedURLOutput>> handle(GetPersistentAppUIPresignedURL,
                                                          EmrService&, const Caller&,
                                                          GetPersistentAppUIPresignedURLInput);
Task<Result<GetOnClusterAppUIPresignedURLOutput>> handle(GetOnClusterAppUIPresignedURL, EmrService&,
                                                         const Caller&,
                                                         GetOnClusterAppUIPresignedURLInput);

// notebook_actions.cc
Task<Result<StartNotebookExecutionOutput>> handle(StartNotebookExecution, EmrService&,
                                                  const Caller&, StartNotebookExecutionInput);
Task<Result<DescribeNotebookExecutionOutput>> handle(DescribeNotebookExecution, EmrService&,
                                                     const Caller&, DescribeNotebookExecutionInput);
Task<Result<ListNotebookExecutionsOutput>> handle(ListNotebookExecutions, EmrService&,
                                                  const Caller&, ListNotebookExecutionsInput);
Task<Result<wire::Unit>> handle(StopNotebookExecution, EmrService&, const Caller&,
                                StopNotebookExecutionInput);

// studio_actions.cc
Task<Result<CreateStudioOutput>> handle(CreateStudio, EmrService&, const Caller&,
                                        CreateStudioInput);
Task<Result<DescribeStudioOutput>> handle(DescribeStudio, EmrService&, const Caller&,
                                          DescribeStudioInput);
Task<Result<wire::Unit>> handle(UpdateStudio, EmrService&, const Caller&, UpdateStudioInput);
Task<Result<wire::Unit>> handle(DeleteStudio, EmrService&, const Caller&, DeleteStudioInput);
Task<Result<ListStudiosOutput>> handle(ListStudios, EmrService&, const Caller&, ListStudiosInput);
// The Studio that a request names. Error: InvalidRequestException.
[[nodiscard]] Result<const StudioRecord*> find_studio(EmrService& emr, const Caller& caller,
                                                      const std::string& id);

// studio_mapping_actions.cc
Task<Result<wire::Unit>> handle(CreateStudioSessionMapping, EmrService&, const Caller&,
                                CreateStudioSessionMappingInput);
Task<Result<GetStudioSessionMappingOutput>> handle(GetStudioSessionMapping, EmrService&,
                                                   const Caller&, GetStudioSessionMappingInput);
Task<Result<wire::Unit>> handle(UpdateStudioSessionMapping, EmrService&, const Caller&,
                                UpdateStudioSessionMappingInput);
Task<Result<wire::Unit>> handle(DeleteStudioSessionMapping, EmrService&, const Caller&,
                                DeleteStudioSessionMappingInput);
Task<Result<ListStudioSessionMappingsOutput>> handle(ListStudioSessionMappings, EmrService&,
                                                     const Caller&, ListStudioSessionMappingsInput);

// credential_actions.cc
Task<Result<GetClusterSessionCredentialsOutput>> handle(GetClusterSessionCredentials, EmrService&,
                                                        const Caller&,
                                                        GetClusterSessionCredentialsInput);

}  // namespace tarn::emr
