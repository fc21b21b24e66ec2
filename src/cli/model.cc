#include "cli/model.h"

#include <vector>

#include "cli/output.h"
#include "evaluate/model.h"
#include "evaluate/preprocess.h"

namespace mote::cli {

void add_preprocess(CLI::App* verb, std::string& preprocess) {
  verb->add_option(
          "--preprocess", preprocess,
          "What the model makes of a pixel, scale * pixel + bias: scale=1/255,bias=0, each "
          "one number or one per channel; default: as the model's file says")
      ->type_name("scale=S,bias=B");
}

Graph open_model(const Common& common, const std::string& model, const std::string& preprocess) {
  std::vector<std::string> notes;
  Graph graph = evaluate::load_model(model, common.seed, preprocess, &notes);
  if (!preprocess.empty() && graph.preprocessing.at(0) != evaluate::parse_preprocessing(preprocess))
    notes.push_back("takes raw pixels, as its file says: --preprocess is not for it");
  print_notes(common, model, notes);
  return graph;
}

}  // namespace mote::cli
