#include "sandbox/own_etc.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sandbox/sandbox.h"

namespace tarn::sandbox {

namespace {

// Settings without secrets. /etc/environment and /etc/profile are not among them: sites put proxies
// with passwords there.
constexpr std::array<const char*, 18> kCopied = {
    "ld.so.cache", "ld.so.conf",     "login.defs", "adduser.conf", "localtime", "timezone",
    "resolv.conf", "host.conf",      "gai.conf",   "protocols",    "services",  "mime.types",
    "os-release",  "debian_version", "shells",     "pam.conf",     "inputrc",   "bash.bashrc"};

constexpr std::array<const char*, 14> kFolders = {"ssl",          "ca-certificates",
                                                  "pki",          "crypto-policies",
                                                  "alternatives", "ld.so.conf.d",
                                                  "fonts",        "pam.d",
                                                  "security",     "default",
                                                  "skel",         "terminfo",
                                                  "python3",      "perl"};

struct Account {
  const char* name;
  unsigned id;
  const char* home;
};

// Those that scripts of EMR clusters name besides `hadoop`; the numbers are of no meaning.
constexpr std::array<Account, 9> kAccounts = {{{"daemon", 1, "/usr/sbin"},
                                               {"bin", 2, "/bin"},
                                               {"hdfs", 990, "/"},
                                               {"hive", 991, "/"},
                                               {"livy", 992, "/"},
                                               {"spark", 993, "/"},
                                               {"yarn", 994, "/"},
                                               {"zeppelin", 995, "/"},
                                               {"nobody", 65534, "/"}}};
// (name, number); hdfsadmingroup is what EMR's cluster nodes have for administrators of HDFS.
constexpr std::array<std::pair<const char*, unsigned>, 5> kGroups = {
    {{"adm", 4}, {"wheel", 10}, {"sudo", 27}, {"users", 100}, {"hdfsadmingroup", 989}}};
constexpr const char* kNoShell = "/usr/sbin/nologin";
// Days since 1970 of the last change of a password: shadow(5). None has one.
constexpr const char* kShadowLine = "{}:*:20000:0:99999:7:::\n";

}  // namespace

std::map<std::string, std::string> own_etc(const std::string& home, const std::string& host_name,
                                           std::string hosts) {
  std::string passwd = fmt::format("root:x:0:0:root:{}:/bin/bash\n", home);
  std::string group = "root:x:0:\n";
  std::string shadow = fmt::format(fmt::runtime(kShadowLine), "root");
  std::string gshadow = "root:*::\n";
  const auto add_group = [&](std::string_view name, unsigned id) {
    group += fmt::format("{}:x:{}:\n", name, id);
    gshadow += fmt::format("{}:!::\n", name);
  };
  const auto add_account = [&](std::string_view name, unsigned id, std::string_view its_home,
                               std::string_view shell) {
    passwd += fmt::format("{}:x:{}:{}::{}:{}\n", name, id, id, its_home, shell);
    shadow += fmt::format(fmt::runtime(kShadowLine), name);
    add_group(name == "nobody" ? "nogroup" : name, id);
  };
  for (const Account& account : kAccounts)
    add_account(account.name, account.id, account.home, kNoShell);
  add_account(kUser, kUserId, home, "/bin/bash");
  for (const auto& [name, id] : kGroups) add_group(name, id);
  if (hosts.find("localhost") == std::string::npos) hosts += "127.0.0.1 localhost\n";
  if (hosts.back() != '\n') hosts += '\n';
  hosts += fmt::format("127.0.0.1 {}\n", host_name);
  return {{"passwd", passwd},
          {"group", group},
          {"shadow", shadow},
          {"gshadow", gshadow},
          {"hosts", hosts},
          {"hostname", host_name + "\n"},
          {"nsswitch.conf",
           "passwd: files\ngroup: files\nshadow: files\ngshadow: files\nhosts: files dns\n"
           "protocols: files\nservices: files\n"}};
}

Result<std::vector<std::string>> make_etc(platform::Files& files, const std::string& etc,
                                          const std::string& home, const std::string& host_name) {
  const auto hosts = files.read("/etc/hosts");
  auto content = own_etc(home, host_name, hosts.ok() ? *hosts : std::string());
  for (const char* name : kCopied) {
    auto copied = files.read(std::string("/etc/") + name);
    if (copied.ok()) content.emplace(name, std::move(copied).value());
  }
  std::vector<std::string> made;
  for (const auto& [name, text] : content) {
    std::string path = etc + "/" + name;
    auto file = files.open(path, platform::OpenMode::kCreateNew);
    if (!file.ok() && file.error().is(code::kExists)) continue;
    if (!file.ok()) return std::move(file).error();
    TARN_CHECK((*file)->append(text));
    made.push_back(std::move(path));
  }
  return made;
}

std::vector<std::string> public_etc_folders(platform::Files& files) {
  std::vector<std::string> out;
  const auto entries = files.list("/etc");
  if (!entries.ok()) return out;
  for (const auto& entry : *entries) {
    const bool known = std::find(kFolders.begin(), kFolders.end(), entry.name) != kFolders.end();
    // Debian's OpenJDK keeps its settings there: java-17-openjdk.
    const bool java = entry.name.starts_with("java-");
    if (entry.is_directory && (known || java)) out.push_back(entry.name);
  }
  return out;
}

}  // namespace tarn::sandbox
