// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/places.h"

#include <array>
#include <climits>
#include <cstdlib>

#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/encoding.h"

namespace butaca::client {

namespace {

bool is_program(const std::string &path)
{
    struct stat found {};
    return stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) && access(path.c_str(), X_OK) == 0;
}

bool is_folder(const std::string &path)
{
    struct stat found {};
    return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

} // namespace

std::string program_folder()
{
    std::array<char, PATH_MAX> path{};
    const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
    const std::string_view whole(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return std::string(whole.substr(0, whole.rfind('/')));
}

std::optional<std::string> find_program(std::string_view name)
{
    if (const char *folder = std::getenv("BUTACA_LIBEXEC"); folder && *folder)
        if (std::string path = std::string(folder) + "/" + std::string(name); is_program(path))
            return path;
    for (const char *folder : {".", "../libexec/butaca", "../src/app", "../src", "../vs", "../as",
                               "../pipelines", "../pipelines/worker"})
        if (std::string path = program_folder() + "/" + folder + "/" + std::string(name); is_program(path))
            return path;
    return std::nullopt;
}

std::optional<std::string> find_plugins()
{
    std::string folder = program_folder() + "/../plugins";
    if (access((folder + "/libgstbutaca.so").c_str(), R_OK) != 0)
        return std::nullopt;
    return folder;
}

std::optional<std::string> find_demo(std::string_view kind)
{
    for (const char *folder : {"../../data/demo", "../share/butaca/demo"})
        if (std::string path = program_folder() + "/" + folder + "/" + std::string(kind); is_folder(path))
            return path;
    return std::nullopt;
}

std::optional<std::string> find_page()
{
    for (const char *folder : {"../web/page", "../share/butaca/web"})
        if (std::string path = program_folder() + "/" + folder; is_folder(path))
            return path;
    return std::nullopt;
}

bool can_reach(const std::string &path, uid_t uid, gid_t gid)
{
    for (std::size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1)) {
        struct stat found {};
        if (stat(path.substr(0, end).c_str(), &found) != 0)
            return false;
        const mode_t needed = found.st_uid == uid ? S_IXUSR : found.st_gid == gid ? S_IXGRP : S_IXOTH;
        if ((found.st_mode & needed) == 0)
            return false;
    }
    return true;
}

bool is_too_long_for_socket(std::string_view folder)
{
    return folder.size() + std::string_view("/.s.PGSQL.5432").size() >= sizeof(sockaddr_un::sun_path);
}

std::string short_name_for(std::string_view path) { return sha256_hex(path).substr(0, 8); }

} // namespace butaca::client
