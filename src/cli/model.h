// Models as verbs open them. Tested by cli_test.cc and fit_test.cc.
#pragma once

#include <string>

#include "cli/command.h"
#include "ir/graph.h"

namespace mote::cli {

// --preprocess.
void add_preprocess(CLI::App* verb, std::string& preprocess);

// evaluate::load_model. What the file says and nobody goes by, and where the model keeps to its own
// word on pixels, is noted on stderr.
Graph open_model(const Common& common, const std::string& model,
                 const std::string& preprocess = {});

}  // namespace mote::cli
