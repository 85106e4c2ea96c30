# SPDX-License-Identifier: Apache-2.0
# cmake -D PAGE=folder -D "MODULES=a.js;b.js" -D OUT=file.cpp -P embed_page.cmake
#
# Writes the parts of the page as strings of a C++ file. The modules become one script, in the order
# given, each a function of its own that returns what it exports; an import is a line by itself,
# indentation goes, so no text in them may go over lines.
set(script "")
foreach(module IN LISTS MODULES)
  file(READ ${PAGE}/${module} text)
  string(REGEX MATCHALL "\nexport (async )?(const|function|class) [A-Za-z0-9_]+" exports "${text}")
  list(TRANSFORM exports REPLACE ".* " "")
  list(JOIN exports ", " exports)
  string(REGEX REPLACE "\nimport ({[^}\n]*}) from './([a-z_]+)\\.js'" "\nconst \\1 = \\2_module" text "${text}")
  string(REPLACE "\nexport " "\n" text "${text}")
  string(REGEX REPLACE "\n *//[^\n]*" "" text "${text}")  # comments that fill a line
  string(REGEX REPLACE "\n +" "\n" text "${text}")
  string(REPLACE ".js" "_module" name "${module}")
  string(APPEND script "const ${name} = (() => {\n${text}\nreturn {${exports}};\n})();\n")
endforeach()
file(READ ${PAGE}/style.css style)
file(READ ${PAGE}/page.html frame)
string(CONCAT code "// Written by tools/report/embed_page.cmake.\n#include \"tools/report/page_parts.h\"\n\n"
                   "namespace lutsim::tools::report {\n\n")
foreach(part frame style script)
  string(APPEND code "const std::string_view page_${part} = R\"lutsim-page(${${part}})lutsim-page\";\n")
endforeach()
string(APPEND code "\n}  // namespace lutsim::tools::report\n")
file(WRITE ${OUT} "${code}")
