// SPDX-License-Identifier: LGPL-2.1-or-later
// Where things are on this machine: our other programs, the plugin, the demo media, and folders that another
// user can reach. Works in a build tree and where it was installed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace butaca::client {

// The folder of the running executable.
std::string program_folder();

// The full path of one of our programs: in $BUTACA_LIBEXEC, beside the running one, or in the build tree that
// this one is part of. Nothing when it is in none of them.
std::optional<std::string> find_program(std::string_view name);

// The folder of libgstbutaca.so in the build tree; nothing when installed, for GStreamer finds it then.
std::optional<std::string> find_plugins();

// The demo's folder "video" or "audio", in the source tree or installed.
std::optional<std::string> find_demo(std::string_view kind);

// The folder of the built page, in the build tree or installed; nothing when the page was not built.
std::optional<std::string> find_page();

// May this user pass through all folders above `path`? Looks at modes only, not at access control lists.
bool can_reach(const std::string &path, uid_t uid, gid_t gid);

// Is `path` too long, with PostgreSQL's file name in it, for the address of a Unix socket (sun_path, 108
// bytes with the final NUL)?
bool is_too_long_for_socket(std::string_view folder);

// Eight hex digits that stand for a path: a short name for what belongs to it elsewhere.
std::string short_name_for(std::string_view path);

} // namespace butaca::client
