// SPDX-License-Identifier: LGPL-2.1-or-later
// The `butaca` command.
#include <cstdio>
#include <span>
#include <string_view>

#include "client/check/command.h"
#include "client/up.h"
#include "client/words.h"
#include "src/base/log.h"

using namespace butaca;

int main(int argc, char **argv)
{
    log::init("butaca", log::Level::warn);
    const std::span<const char *const> words(argv, static_cast<std::size_t>(argc));
    const std::string_view command = argc > 1 ? words[1] : "--help";
    if (command == "up")
        return client::up_command(words.subspan(2));
    if (command == "check")
        return client::check::check_command(words.subspan(2));
    if (command == "--version") {
        std::puts("butaca " BUTACA_VERSION);
        return 0;
    }
    if (command == "--help" || command == "-h" || command == "help") {
        std::fputs(client::say(client::Word::general_help).c_str(), stdout);
        return 0;
    }
    std::fprintf(stderr, "%s\n", client::say(client::Word::unknown_command, {command}).c_str());
    return 2;
}
