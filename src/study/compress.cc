// A recipe applied to a float network of the study.
#include "compress/compress.h"

#include "base/error.h"
#include "base/gzip.h"
#include "evaluate/inspection.h"
#include "evaluate/model.h"
#include "formats/model_file.h"
#include "study/inputs.h"
#include "study/work.h"

namespace mote::study {

Json run_compress(const Workplace& at) {
  const std::string source = at.task.sources.at("recipe");
  const compress::Recipe recipe = compress::load_recipe(source);
  if (compress::json_of(recipe) != at.task.inputs.at("recipe"))
    throw Error(ErrorKind::invalid_input, "the recipe is not what the study was planned with",
                source, "start the study again");
  const Graph graph = compress::compress(open_model(at, at.origin()), recipe, at.data.train,
                                         {.seed = at.task.inputs.at("seed").get<uint64_t>()});
  const std::string path = at.file(kModel);
  formats::write_model(path, graph);
  const evaluate::FileSizes sizes = evaluate::file_sizes(path);
  return {{"scheme", name_of(recipe.scheme())}, {"parameters", evaluate::inspect(graph).parameters},
          {"file_bytes", sizes.file_bytes},     {"gzip_bytes", sizes.gzip_bytes},
          {"model_sha256", file_sha256(path)},  {"steps", compress::json_of(recipe).at("steps")}};
}

}  // namespace mote::study
