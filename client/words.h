// SPDX-License-Identifier: LGPL-2.1-or-later
// What the command says to people, in Spanish or English. Lines that programs wait for are not here: they are
// the same in every language.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace butaca::client {

enum class Word {
    general_help,
    up_help,
    unknown_command,  // {} command
    unknown_option,   // {} option
    missing_value,    // {} option
    bad_port,         // {} value, {} option
    bad_address,      // {} value
    ports_equal,      // {} port
    no_folder,        // {} folder
    no_demo,          // the demo media are not there
    already_running,  // {} data folder
    port_taken,       // {} port, {} option
    no_program,       // {} program
    no_postgresql,    // {} version or ""
    as_postgres_user, // {} folder
    making_database,
    leftover_database,
    starting,
    service_stopped,  // {} name, {} how, {} seconds, {} log file
    service_gives_up, // {} name, {} log file
    stopping,
    stopped,
    failed,        // {} what went wrong
    administrator, // {} address, {} password
    check_help,
    unknown_check_option, // {} option
    two_addresses,
    bad_playlist_address, // {} value
    bad_header,           // {} value
    bad_number,           // {} value, {} option
    checking,             // {} segments done, {} of how many
    not_checked,          // {} address, {} why
};

// `words` with each "{}" replaced by the next of the values.
template <typename Values> std::string fill_in(std::string_view words, const Values &values)
{
    std::string out;
    for (std::string_view value : values) {
        const std::size_t place = words.find("{}");
        if (place == words.npos)
            break;
        out.append(words.substr(0, place)).append(value);
        words.remove_prefix(place + 2);
    }
    return out.append(words);
}

// The words, filled in.
std::string say(Word word, std::initializer_list<std::string_view> values = {});

// Takes the language from LC_ALL, LC_MESSAGES and LANG, in this order; English unless it is Spanish. The
// first call of say() does it otherwise.
enum class Language { english, spanish };
void speak(Language language);
Language spoken_language();
Language language_of_environment();

} // namespace butaca::client
