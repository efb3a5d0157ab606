// SPDX-License-Identifier: LGPL-2.1-or-later
// butaca-apps: the application server, the only one that clients reach.
#include <cstdio>

#include <sysexits.h>

#include "src/app/app.h"
#include "src/base/log.h"

using namespace butaca;

int main(int argc, char **argv)
{
    auto settings = app::Settings::from_command_line(argc, argv);
    if (!settings) {
        std::fprintf(stderr, "butaca-apps: %s\n", settings.error().message.c_str());
        return EX_USAGE;
    }
    if (!*settings)
        return EX_OK;
    log::init("apps", log::level_from((*settings)->log_level));
    auto ran = app::run(std::move(**settings));
    if (!ran) {
        log::error("apps.failed", {{"why", ran.error().message}, {"detail", ran.error().detail}});
        return EX_UNAVAILABLE;
    }
    return EX_OK;
}
