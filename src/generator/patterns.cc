// Functions written in the template language itself.
#include <array>

#include "generator/functions.h"

namespace tarn::generator {

namespace {

using Text = std::string_view;

constexpr Text kCity[] = {"{{cityName}}",
                          "{{address.cityPrefix}} {{name.firstName}}{{address.citySuffix}}",
                          "{{name.lastName}}{{address.citySuffix}}"};
constexpr Text kStreetName[] = {"{{name.lastName}} {{address.streetSuffix}}",
                                "{{name.firstName}} {{address.streetSuffix}}"};
constexpr Text kStreetAddress[] = {
    "{{helpers.replaceSymbolWithNumber('###')}} {{address.streetName}}",
    "{{helpers.replaceSymbolWithNumber('####')}} {{address.streetName}}",
    "{{helpers.replaceSymbolWithNumber('#####')}} {{address.streetName}}"};
constexpr Text kSecondaryAddress[] = {"Apt. {{random.number({min: 1, max: 999})}}",
                                      "Suite {{random.number({min: 1, max: 999})}}"};
constexpr Text kProductName[] = {
    "{{commerce.productAdjective}} {{commerce.productMaterial}} {{commerce.product}}"};
constexpr Text kCompanyName[] = {"{{name.lastName}} {{company.companySuffix}}",
                                 "{{name.lastName}} - {{name.lastName}}",
                                 "{{name.lastName}}, {{name.lastName}} and {{name.lastName}}"};
constexpr Text kCatchPhrase[] = {
    "{{company.catchPhraseAdjective}} {{company.catchPhraseDescriptor}} "
    "{{company.catchPhraseNoun}}"};
constexpr Text kBs[] = {"{{company.bsBuzz}} {{company.bsAdjective}} {{company.bsNoun}}"};
constexpr Text kAccountName[] = {"{{accountKind}} Account"};
constexpr Text kBitcoin[] = {"1{{random.alphaNumeric(33)}}", "3{{random.alphaNumeric(33)}}"};
constexpr Text kBic[] = {
    "{{helpers.replaceSymbols(\"????\")}}{{address.countryCode}}{{helpers.replaceSymbols('**')}}"};
constexpr Text kCvv[] = {"{{helpers.replaceSymbolWithNumber('###')}}"};
constexpr Text kHackerPhrase[] = {
    "Use the {{hacker.adjective}} {{hacker.abbreviation}} {{hacker.noun}}, then you can "
    "{{hacker.verb}} the {{hacker.noun}}!",
    "We need to {{hacker.verb}} the {{hacker.adjective}} {{hacker.abbreviation}} {{hacker.noun}}!",
    "Try to {{hacker.verb}} the {{hacker.abbreviation}} {{hacker.noun}}, maybe it will "
    "{{hacker.verb}} the {{hacker.adjective}} {{hacker.noun}}!",
    "{{hacker.ingverb}} the {{hacker.noun}} won't do anything, we need to {{hacker.verb}} the "
    "{{hacker.adjective}} {{hacker.abbreviation}} {{hacker.noun}}!"};
constexpr Text kUserName[] = {"{{name.firstName}}{{random.number(99)}}",
                              "{{name.firstName}}.{{name.lastName}}",
                              "{{name.firstName}}_{{name.lastName}}{{random.number(99)}}"};
constexpr Text kEmail[] = {"{{internet.userName}}@{{mailHost}}"};
constexpr Text kExampleEmail[] = {"{{internet.userName}}@example.com",
                                  "{{internet.userName}}@example.net",
                                  "{{internet.userName}}@example.org"};
constexpr Text kDomainName[] = {"{{internet.domainWord}}.{{internet.domainSuffix}}"};
constexpr Text kUrl[] = {"{{internet.protocol}}://{{internet.domainName}}"};
constexpr Text kAvatar[] = {"https://avatars.example.com/{{random.number(1250)}}.jpg"};
constexpr Text kUserAgent[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/{{random.number({min: 90, max: 131})}}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/{{random.number({min: 14, max: 18})}}.{{random.number(6)}} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{{random.number({min: 90, max: 133})}}.0) Gecko/20100101 "
    "Firefox/{{random.number({min: 90, max: 133})}}.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS {{random.number({min: 14, max: 18})}}_{{random.number(6)}} "
    "like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Linux; Android {{random.number({min: 9, max: 15})}}; Mobile) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/{{random.number({min: 90, max: 131})}}.0.0.0 Mobile Safari/537.36"};
constexpr Text kFindName[] = {
    "{{name.firstName}} {{name.lastName}}", "{{name.firstName}} {{name.lastName}}",
    "{{name.firstName}} {{name.lastName}}", "{{name.prefix}} {{name.firstName}} {{name.lastName}}",
    "{{name.firstName}} {{name.lastName}} {{name.suffix}}"};
constexpr Text kJobTitle[] = {"{{name.jobDescriptor}} {{name.jobArea}} {{name.jobType}}"};
constexpr Text kPhoneFormats[] = {"!##-!##-####", "(!##) !##-####", "1-!##-!##-####",
                                  "!##.!##.####"};
constexpr Text kPhoneNumberFormat[] = {"{{phone.phoneNumber('!##-!##-####')}}"};
constexpr Text kFileName[] = {"{{random.word}}_{{random.word}}.{{system.fileExt}}"};
constexpr Text kCommonFileName[] = {"{{random.word}}_{{random.word}}.{{system.commonFileExt}}"};
constexpr Text kFilePath[] = {"{{system.directoryPath}}/{{system.fileName}}"};
constexpr Text kSemver[] = {"{{random.number(9)}}.{{random.number(9)}}.{{random.number(9)}}"};
constexpr Text kImage[] = {"http://images.example.com/640/480/{{imageCategory}}"};
constexpr Text kVin[] = {"{{helpers.replaceSymbols('*****************')}}"};

constexpr Pattern kPatterns[] = {
    {"address.city", kCity},
    {"address.streetName", kStreetName},
    {"address.streetAddress", kStreetAddress},
    {"address.secondaryAddress", kSecondaryAddress},
    {"commerce.productName", kProductName},
    {"company.companyName", kCompanyName},
    {"company.catchPhrase", kCatchPhrase},
    {"company.bs", kBs},
    {"finance.accountName", kAccountName},
    {"finance.bitcoinAddress", kBitcoin},
    {"finance.bic", kBic},
    {"finance.creditCardCVV", kCvv},
    {"hacker.phrase", kHackerPhrase},
    {"internet.userName", kUserName},
    {"internet.email", kEmail},
    {"internet.exampleEmail", kExampleEmail},
    {"internet.domainName", kDomainName},
    {"internet.url", kUrl},
    {"internet.avatar", kAvatar},
    {"internet.userAgent", kUserAgent},
    {"image.avatar", kAvatar},
    {"image.image", kImage},
    {"random.image", kImage},
    {"name.findName", kFindName},
    {"name.jobTitle", kJobTitle},
    {"name.title", kJobTitle},
    {"phone.phoneFormats", kPhoneFormats},
    {"phone.phoneNumberFormat", kPhoneNumberFormat},
    {"system.fileName", kFileName},
    {"system.commonFileName", kCommonFileName},
    {"system.filePath", kFilePath},
    {"system.semver", kSemver},
    {"vehicle.vin", kVin},
};

}  // namespace

std::span<const Pattern> patterns() {
  return kPatterns;
}

}  // namespace tarn::generator
