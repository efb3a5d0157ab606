// SPDX-License-Identifier: LGPL-2.1-or-later
// The options of `butaca up`. Pure but for asking the environment for the home folder.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/result.h"

namespace butaca::client {

struct UpOptions {
    std::string data; // "" until given; see default_data_folder()
    std::vector<std::string> video;
    std::vector<std::string> audio;
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    std::uint16_t rtsp_port = 8554;
    std::uint16_t vs_port = 8081;
    std::uint16_t as_port = 8082;
    std::string config;
    std::vector<std::string> set;
    bool help = false;
};

// Of an option that is given twice the last counts, except for those that may be repeated.
// `invalid_argument` with words for people.
Result<UpOptions> parse_up(std::span<const char *const> arguments);

// $XDG_DATA_HOME/butaca, else ~/.local/share/butaca.
std::string default_data_folder();

// An IPv4 or IPv6 address with a port as URLs write it ("[::1]:8080"). An address that means "all" becomes
// the loopback one, which a person on this machine can open.
std::string url_authority(std::string_view address, std::uint16_t port);

} // namespace butaca::client
