// Models as verbs open them that bring pixels into them.
#pragma once

#include <string>

#include "cli/command.h"
#include "ir/graph.h"

namespace mote::cli {

// --preprocess.
void add_preprocess(CLI::App* verb, std::string& preprocess);

// evaluate::load_model, with a note on stderr where the model keeps to its own word.
Graph open_model(const Common& common, const std::string& model, const std::string& preprocess);

}  // namespace mote::cli
