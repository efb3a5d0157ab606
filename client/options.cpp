// SPDX-License-Identifier: LGPL-2.1-or-later
#include "client/options.h"

#include <array>
#include <map>

#include <gio/gio.h>

#include "client/words.h"
#include "src/base/encoding.h"

namespace butaca::client {

namespace {

Status take_port(std::uint16_t &port, const std::string &name, const std::string &value)
{
    const auto number = to_integer<std::uint16_t>(value);
    if (!number || *number == 0)
        return fail(ErrorCode::invalid_argument, say(Word::bad_port, {value, name}));
    port = *number;
    return {};
}

Status take(UpOptions &options, const std::string &name, const std::string &value)
{
    const std::map<std::string_view, std::uint16_t *> ports{{"--port", &options.port},
                                                            {"--rtsp-port", &options.rtsp_port},
                                                            {"--vs-port", &options.vs_port},
                                                            {"--as-port", &options.as_port}};
    const std::map<std::string_view, std::string *> texts{
        {"--data", &options.data}, {"--address", &options.address}, {"--config", &options.config}};
    const std::map<std::string_view, std::vector<std::string> *> lists{
        {"--video", &options.video}, {"--audio", &options.audio}, {"--set", &options.set}};

    if (auto port = ports.find(name); port != ports.end())
        return take_port(*port->second, name, value);
    if (value.empty() && name.starts_with("--"))
        return fail(ErrorCode::invalid_argument, say(Word::missing_value, {name}));
    if (auto text = texts.find(name); text != texts.end())
        *text->second = value;
    else if (auto list = lists.find(name); list != lists.end())
        list->second->push_back(value);
    return {};
}

bool is_known(std::string_view name)
{
    for (std::string_view known : {"--data", "--video", "--audio", "--address", "--port", "--rtsp-port",
                                   "--vs-port", "--as-port", "--config", "--set"})
        if (name == known)
            return true;
    return false;
}

Status check(const UpOptions &options)
{
    if (!g_hostname_is_ip_address(options.address.c_str()))
        return fail(ErrorCode::invalid_argument, say(Word::bad_address, {options.address}));
    const std::array ports{options.port, options.rtsp_port, options.vs_port, options.as_port};
    for (std::size_t i = 0; i < ports.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (ports[i] == ports[j])
                return fail(ErrorCode::invalid_argument, say(Word::ports_equal, {std::to_string(ports[i])}));
    return {};
}

} // namespace

Result<UpOptions> parse_up(std::span<const char *const> arguments)
{
    UpOptions options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string name = arguments[i];
        if (name == "--help" || name == "-h") {
            options.help = true;
            return options;
        }
        std::string value;
        const std::size_t equals = name.find('=');
        const bool joined = name.starts_with("--") && equals != name.npos;
        if (joined) {
            value = name.substr(equals + 1);
            name.resize(equals);
        }
        if (!is_known(name))
            return fail(ErrorCode::invalid_argument, say(Word::unknown_option, {name}));
        if (!joined) {
            if (i + 1 == arguments.size())
                return fail(ErrorCode::invalid_argument, say(Word::missing_value, {name}));
            value = arguments[++i];
        }
        if (Status taken = take(options, name, value); !taken)
            return fail(std::move(taken).error());
    }
    if (Status fine = check(options); !fine)
        return fail(std::move(fine).error());
    return options;
}

std::string default_data_folder() { return std::string(g_get_user_data_dir()) + "/butaca"; }

std::string url_authority(std::string_view address, std::uint16_t port)
{
    std::string host(address);
    if (host == "0.0.0.0")
        host = "127.0.0.1";
    if (host == "::")
        host = "::1";
    if (host.find(':') != host.npos)
        host = "[" + host + "]";
    return host + ":" + std::to_string(port);
}

} // namespace butaca::client
