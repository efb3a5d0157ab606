// SPDX-License-Identifier: LGPL-2.1-or-later
// All that butaca-apps can be told, from its command line, environment and configuration file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/account_services.h"
#include "src/http/server.h"
#include "src/playback/origins.h"
#include "src/playback/rtsp/server.h"
#include "src/playback/segment_service.h"

namespace butaca::app {

struct Settings {
    std::string data_folder;
    std::string database_dsn;
    std::string origin_key_file;
    std::string session_key_file;
    std::string web_folder;
    std::string public_url;
    std::string log_level = "info";
    std::int64_t playback_life_s = 12LL * 3600;
    bool thumbnails_ahead = true;          // made while workers have nothing else to do
    std::vector<std::string> unknown_keys; // in the configuration, read by nobody: misspelt
    http::ServerSettings server;
    bool rtsp_enabled = true;
    playback::rtsp::Settings rtsp;
    playback::ServiceSettings service;
    gateway::AccountSettings accounts;
    // The administrator that is made unless the address has an account already; both or none.
    std::string admin_email, admin_password;
    // Where the first administrator's password is written when none was told; "" makes none.
    std::string first_administrator_file;
    std::vector<playback::OriginAddress> origins;

    // Reads the command line (and the configuration file it names). `invalid_argument` says what is wrong and
    // what to write instead. Nothing when it only asked for --help or --version, which were answered.
    static Result<std::optional<Settings>> from_command_line(int argc, char **argv);
};

} // namespace butaca::app
