// The handlers of every action. Each .cc names the actions it holds.
//
// Place: services/servicecatalog. Threads: as service.h says. Errors of each: those that the model
// and the overlay declare, and what the file's comments add.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/servicecatalog/api.h"
#include "services/servicecatalog/request.h"
#include "services/servicecatalog/service.h"

namespace tarn::servicecatalog {

// association_actions.cc
Task<Result<AssociateProductWithPortfolioOutput>> handle(AssociateProductWithPortfolio,
                                                         ServiceCatalog&, const Caller&,
                                                         AssociateProductWithPortfolioInput);
Task<Result<DisassociateProductFromPortfolioOutput>> handle(DisassociateProductFromPortfolio,
                                                            ServiceCatalog&, const Caller&,
                                                            DisassociateProductFromPortfolioInput);
Task<Result<AssociatePrincipalWithPortfolioOutput>> handle(AssociatePrincipalWithPortfolio,
                                                           ServiceCatalog&, const Caller&,
                                                           AssociatePrincipalWithPortfolioInput);
Task<Result<DisassociatePrincipalFromPortfolioOutput>> handle(
    DisassociatePrincipalFromPortfolio, ServiceCatalog&, const Caller&,
    DisassociatePrincipalFromPortfolioInput);
Task<Result<ListPrincipalsForPortfolioOutput>> handle(ListPrincipalsForPortfolio, ServiceCatalog&,
                                                      const Caller&,
                                                      ListPrincipalsForPortfolioInput);

// constraint_actions.cc
Task<Result<CreateConstraintOutput>> handle(CreateConstraint, ServiceCatalog&, const Caller&,
                                            CreateConstraintInput);
Task<Result<UpdateConstraintOutput>> handle(UpdateConstraint, ServiceCatalog&, const Caller&,
                                            UpdateConstraintInput);
Task<Result<DeleteConstraintOutput>> handle(DeleteConstraint, ServiceCatalog&, const Caller&,
                                            DeleteConstraintInput);
Task<Result<DescribeConstraintOutput>> handle(DescribeConstraint, ServiceCatalog&, const Caller&,
                                              DescribeConstraintInput);
Task<Result<ListConstraintsForPortfolioOutput>> handle(ListConstraintsForPortfolio, ServiceCatalog&,
                                                       const Caller&,
                                                       ListConstraintsForPortfolioInput);

// portfolio_actions.cc
Task<Result<CreatePortfolioOutput>> handle(CreatePortfolio, ServiceCatalog&, const Caller&,
                                           CreatePortfolioInput);
Task<Result<UpdatePortfolioOutput>> handle(UpdatePortfolio, ServiceCatalog&, const Caller&,
                                           UpdatePortfolioInput);
Task<Result<DeletePortfolioOutput>> handle(DeletePortfolio, ServiceCatalog&, const Caller&,
                                           DeletePortfolioInput);
Task<Result<DescribePortfolioOutput>> handle(DescribePortfolio, ServiceCatalog&, const Caller&,
                                             DescribePortfolioInput);
Task<Result<ListPortfoliosOutput>> handle(ListPortfolios, ServiceCatalog&, const Caller&,
                                          ListPortfoliosInput);
Task<Result<ListPortfoliosForProductOutput>> handle(ListPortfoliosForProduct, ServiceCatalog&,
                                                    const Caller&, ListPortfoliosForProductInput);

// product_actions.cc
Task<Result<CreateProductOutput>> handle(CreateProduct, ServiceCatalog&, const Caller&,
                                         CreateProductInput);
Task<Result<UpdateProductOutput>> handle(UpdateProduct, ServiceCatalog&, const Caller&,
                                         UpdateProductInput);
Task<Result<DeleteProductOutput>> handle(DeleteProduct, ServiceCatalog&, const Caller&,
                                         DeleteProductInput);
Task<Result<DescribeProductAsAdminOutput>> handle(DescribeProductAsAdmin, ServiceCatalog&,
                                                  const Caller&, DescribeProductAsAdminInput);
Task<Result<SearchProductsAsAdminOutput>> handle(SearchProductsAsAdmin, ServiceCatalog&,
                                                 const Caller&, SearchProductsAsAdminInput);

// product_view_actions.cc
Task<Result<SearchProductsOutput>> handle(SearchProducts, ServiceCatalog&, const Caller&,
                                          SearchProductsInput);
Task<Result<DescribeProductOutput>> handle(DescribeProduct, ServiceCatalog&, const Caller&,
                                           DescribeProductInput);
Task<Result<DescribeProductViewOutput>> handle(DescribeProductView, ServiceCatalog&, const Caller&,
                                               DescribeProductViewInput);
Task<Result<ListLaunchPathsOutput>> handle(ListLaunchPaths, ServiceCatalog&, const Caller&,
                                           ListLaunchPathsInput);
Task<Result<DescribeProvisioningParametersOutput>> handle(DescribeProvisioningParameters,
                                                          ServiceCatalog&, const Caller&,
                                                          DescribeProvisioningParametersInput);

// provision_actions.cc
Task<Result<ProvisionProductOutput>> handle(ProvisionProduct, ServiceCatalog&, const Caller&,
                                            ProvisionProductInput);
Task<Result<UpdateProvisionedProductOutput>> handle(UpdateProvisionedProduct, ServiceCatalog&,
                                                    const Caller&, UpdateProvisionedProductInput);
Task<Result<TerminateProvisionedProductOutput>> handle(TerminateProvisionedProduct, ServiceCatalog&,
                                                       const Caller&,
                                                       TerminateProvisionedProductInput);

// provisioned_product_actions.cc
Task<Result<DescribeProvisionedProductOutput>> handle(DescribeProvisionedProduct, ServiceCatalog&,
                                                      const Caller&,
                                                      DescribeProvisionedProductInput);
Task<Result<GetProvisionedProductOutputsOutput>> handle(GetProvisionedProductOutputs,
                                                        ServiceCatalog&, const Caller&,
                                                        GetProvisionedProductOutputsInput);
Task<Result<ScanProvisionedProductsOutput>> handle(ScanProvisionedProducts, ServiceCatalog&,
                                                   const Caller&, ScanProvisionedProductsInput);
Task<Result<SearchProvisionedProductsOutput>> handle(SearchProvisionedProducts, ServiceCatalog&,
                                                     const Caller&, SearchProvisionedProductsInput);
Task<Result<UpdateProvisionedProductPropertiesOutput>> handle(
    UpdateProvisionedProductProperties, ServiceCatalog&, const Caller&,
    UpdateProvisionedProductPropertiesInput);

// provisioning_artifact_actions.cc
Task<Result<CreateProvisioningArtifactOutput>> handle(CreateProvisioningArtifact, ServiceCatalog&,
                                                      const Caller&,
                                                      CreateProvisioningArtifactInput);
Task<Result<UpdateProvisioningArtifactOutput>> handle(UpdateProvisioningArtifact, ServiceCatalog&,
                                                      const Caller&,
                                                      UpdateProvisioningArtifactInput);
Task<Result<DeleteProvisioningArtifactOutput>> handle(DeleteProvisioningArtifact, ServiceCatalog&,
                                                      const Caller&,
                                                      DeleteProvisioningArtifactInput);
Task<Result<DescribeProvisioningArtifactOutput>> handle(DescribeProvisioningArtifact,
                                                        ServiceCatalog&, const Caller&,
                                                        DescribeProvisioningArtifactInput);
Task<Result<ListProvisioningArtifactsOutput>> handle(ListProvisioningArtifacts, ServiceCatalog&,
                                                     const Caller&, ListProvisioningArtifactsInput);

// record_actions.cc
Task<Result<DescribeRecordOutput>> handle(DescribeRecord, ServiceCatalog&, const Caller&,
                                          DescribeRecordInput);
Task<Result<ListRecordHistoryOutput>> handle(ListRecordHistory, ServiceCatalog&, const Caller&,
                                             ListRecordHistoryInput);

// tag_option_actions.cc
Task<Result<CreateTagOptionOutput>> handle(CreateTagOption, ServiceCatalog&, const Caller&,
                                           CreateTagOptionInput);
Task<Result<UpdateTagOptionOutput>> handle(UpdateTagOption, ServiceCatalog&, const Caller&,
                                           UpdateTagOptionInput);
Task<Result<DeleteTagOptionOutput>> handle(DeleteTagOption, ServiceCatalog&, const Caller&,
                                           DeleteTagOptionInput);
Task<Result<DescribeTagOptionOutput>> handle(DescribeTagOption, ServiceCatalog&, const Caller&,
                                             DescribeTagOptionInput);
Task<Result<ListTagOptionsOutput>> handle(ListTagOptions, ServiceCatalog&, const Caller&,
                                          ListTagOptionsInput);
Task<Result<AssociateTagOptionWithResourceOutput>> handle(AssociateTagOptionWithResource,
                                                          ServiceCatalog&, const Caller&,
                                                          AssociateTagOptionWithResourceInput);
Task<Result<DisassociateTagOptionFromResourceOutput>> handle(
    DisassociateTagOptionFromResource, ServiceCatalog&, const Caller&,
    DisassociateTagOptionFromResourceInput);
Task<Result<ListResourcesForTagOptionOutput>> handle(ListResourcesForTagOption, ServiceCatalog&,
                                                     const Caller&, ListResourcesForTagOptionInput);

}  // namespace tarn::servicecatalog
