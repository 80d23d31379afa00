// The server's log: spdlog's functions, with what all of them format by compiled once.
//
// Place: platform; spdlog is included by this header only. Threads: safe from any thread.
//
// fmt 9 declares its one formatting function as a template and exports it from its library, but
// says so nowhere: every source that logs would compile some 80 KB of it again.
// https://github.com/fmtlib/fmt/blob/9.1.0/src/format.cc
#pragma once

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace fmt::detail {
extern template void vformat_to<char>(buffer<char>& out, basic_string_view<char> form,
                                      basic_format_args<FMT_BUFFER_CONTEXT(char)> values,
                                      locale_ref locale);
}  // namespace fmt::detail
