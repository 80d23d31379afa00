// UiToken: the word by which a browser shows that it may look at the pages of one cluster.
//
// Place: services/emr, under emr_room.h. Threads: pure functions.
//
// Nothing is kept: it names the place, its end and the key of who asked for it, and carries a MAC
// by that key's secret, so it ends with the key too.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "services/iam/credentials.h"

namespace tarn::emr {

// In a URL, which may be seen by others; in the cookie that the browser gets for it.
// AWS tells neither; presigned URLs of Studio are for minutes, its sessions for at most half a day.
inline constexpr std::chrono::minutes kUrlLife{5};
inline constexpr std::chrono::hours kCookieLife{12};

// `place`: the id of a cluster or a persistent UI.
[[nodiscard]] std::string ui_token(const iam::Credential& keys, std::string_view place,
                                   Timestamp end);
// Whose token it is; nullopt where it is none for `place`, or its time or its keys have ended.
[[nodiscard]] std::optional<iam::Credential> keys_of_ui_token(std::string_view token,
                                                              std::string_view place,
                                                              const iam::Credentials& credentials,
                                                              Timestamp now);

}  // namespace tarn::emr
