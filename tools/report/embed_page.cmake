# SPDX-License-Identifier: Apache-2.0
# cmake -D PAGE=folder -D MODULES="a.js;b.js" -D OUT=file.cpp -P embed_page.cmake
#
# Writes the parts of the page as strings of a C++ file. The modules become one, in the order given:
# their imports and the word export go, as do comments that fill a line.
set(script "")
foreach(module IN LISTS MODULES)
  file(READ ${PAGE}/${module} text)
  string(REGEX REPLACE "(^|\n)import [^\n]*" "\\1" text "${text}")
  string(REGEX REPLACE "\nexport " "\n" text "${text}")
  string(REGEX REPLACE "(^|\n) *//[^\n]*" "\\1" text "${text}")
  string(REGEX REPLACE "\n\n+" "\n" text "${text}")
  string(APPEND script "${text}")
endforeach()
file(READ ${PAGE}/style.css style)
file(READ ${PAGE}/page.html frame)
set(code "// Written by tools/report/embed_page.cmake.\n#include \"tools/report/page_parts.h\"\n\nnamespace lutsim::tools::report {\n\n")
foreach(part frame style script)
  string(APPEND code "const std::string_view page_${part} = R\"lutsim-page(${${part}})lutsim-page\";\n")
endforeach()
string(APPEND code "\n}  // namespace lutsim::tools::report\n")
file(WRITE ${OUT} "${code}")
