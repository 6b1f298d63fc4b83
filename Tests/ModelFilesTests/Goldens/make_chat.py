"""Makes chat-templates.json: templates, what is put in, and what transformers' Jinja environment makes of them.

Made with jinja2 3.1.6 as transformers 5.19.0 sets it up (trim_blocks, lstrip_blocks, sandbox). The first templates are
written after the manner of well-known ones; the rest is drawn from a grammar with a fixed seed.
"""
import json
import pathlib
import random

from transformers.utils.chat_template_utils import _compile_jinja_template

named = {
    "chatml": "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nBe helpful.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "headers": "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + "
    "'<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "dated": """{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = "26 Jul 2024" %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}

{#- The system message goes first. #}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: tools\\n" }}
{%- endif %}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {{- raise_exception("no tools here") }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
""",
    "instructions": "{%- if messages[0]['role'] == 'system' %}{%- set system = messages[0]['content'] %}"
    "{%- set turns = messages[1:] %}{%- else %}{%- set turns = messages %}{%- endif %}{{ bos_token }}"
    "{% for m in turns %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}{% if m['role'] == 'user' %}"
    "{% if loop.last and system is defined %}{{ '[INST] ' + system + '\n\n' + m['content'] + '[/INST]' }}{% else %}"
    "{{ '[INST] ' + m['content'] + '[/INST]' }}{% endif %}{% elif m['role'] == 'assistant' %}"
    "{{ ' ' + m['content'].strip() + eos_token }}{% endif %}{% endfor %}",
    "namespaced": """{% set ns = namespace(last=-1, seen=false) %}
{% for m in messages[::-1] %}
  {% set index = (messages|length - 1) - loop.index0 %}
  {% if not ns.seen and m.role == "user" %}
    {% set ns.seen = true %}
    {% set ns.last = index %}
  {% endif %}
{% endfor %}
{% for m in messages %}
<{{ m.role }}{{ " *" if loop.index0 == ns.last }}>
{{ m.content.split('</think>')[-1].lstrip() if '</think>' in m.content else m.content }}
{% endfor %}
""",
    "white space": "  \n  {% if true %}  \n a\n\t{%- if false %} x {% else -%}  \n\n b {#- gone -#}  c\n{# whole line #}\n"
    "  {%+ if true %} kept{% endif %}\n{{ 'out' }}\nend{{- ' tight' -}}   \n {% endif +%}\n{% endif %}  last \n\n",
}
talks = [
    [("user", "hi")],
    [("system", "  You are terse.\n"), ("user", "hi"), ("assistant", " hello "), ("user", "bye\n")],
    [("user", "a"), ("assistant", "<think>so</think>\n\nb"), ("user", "Zür\u2003ich \u00a0"), ("assistant", "")],
    [("assistant", "first"), ("user", "it's \"quoted\" \\n {{ x }}")],
]

draw = random.Random(20261120)


def value(depth):
    """An expression and its kind: t(ext), n(umber), b(ool)."""
    kind = draw.choice("ttnb") if depth else draw.choice("tn")
    return {"t": text, "n": number, "b": truth}[kind](depth)


def text(depth):
    leaf = ["'x'", "\"y z \"", "'\\n'", "' '", "bos_token", "message.role", "message['content']", "'it\\'s'", "''"]
    if depth <= 0:
        return draw.choice(leaf)
    return draw.choice([
        lambda: draw.choice(leaf), lambda: f"{text(depth - 1)} + {text(depth - 1)}", lambda: f"{text(depth - 1)} | trim",
        lambda: f"{value(depth - 1)} ~ {value(depth - 1)}", lambda: f"({text(depth - 1)}).strip()",
        lambda: f"({text(depth - 1)} if {truth(depth - 1)} else {text(depth - 1)})", lambda: f"({text(depth - 1)})|upper",
        lambda: f"({text(depth - 1)}).split(' ')[{draw.randint(-1, 0)}]", lambda: f"(nothing | default({text(depth - 1)}))",
        lambda: f"({text(depth - 1)}).replace('e', {text(0)})",
        lambda: f"messages[{draw.randint(-1, 0)}].{draw.choice(['role', 'content'])}",
    ])()


def number(depth):
    leaf = ["0", "1", "7", "loop.index", "loop.index0", "messages|length"]
    if depth <= 0:
        return draw.choice(leaf)
    return draw.choice([
        lambda: draw.choice(leaf), lambda: f"{number(depth - 1)} {draw.choice('+-*')} {number(depth - 1)}",
        lambda: f"({number(depth - 1)}) % {draw.randint(2, 5)}", lambda: f"-({number(depth - 1)}) // {draw.randint(2, 3)}",
        lambda: f"({text(depth - 1)})|length", lambda: f"(messages[{draw.randint(-4, 4)}:{draw.randint(-4, 4)}])|length",
        lambda: f"(messages[{draw.randint(-4, 4)}:{draw.randint(-4, 4)}:-1])|length",
    ])()


def truth(depth):
    leaf = ["true", "false", "loop.first", "loop.last", "add_generation_prompt", "nothing", "none"]
    if depth <= 0:
        return draw.choice(leaf)
    return draw.choice([
        lambda: draw.choice(leaf), lambda: f"(not {truth(depth - 1)})",
        lambda: f"({truth(depth - 1)} {draw.choice(['and', 'or'])} {truth(depth - 1)})",
        lambda: f"({value(depth - 1)} {draw.choice(['==', '!='])} {value(depth - 1)})",
        lambda: f"({number(depth - 1)} {draw.choice(['<', '<=', '>', '>='])} {number(depth - 1)})",
        lambda: f"({text(0)} {draw.choice(['in', 'not in'])} {text(depth - 1)})",
        lambda: f"({draw.choice(['nothing', 'message', 'messages', 'tools'])} is {draw.choice(['', 'not '])}"
        f"{draw.choice(['defined', 'none', 'string', 'mapping'])})",
        lambda: f"({text(0)} in ['x', message.role])", lambda: f"({text(depth - 1)}).startswith({text(0)})",
    ])()


def tag(kind, inside):
    left, right = {"b": ("{%", "%}"), "o": ("{{", "}}"), "c": ("{#", "#}")}[kind]
    return left + draw.choice(["", "", "-"]) + " " + inside + " " + draw.choice(["", "", "-"]) + right


def gap():
    return draw.choice(["", "", " ", "\n", "\n  ", "  \n", "a", " b ", "c\n\n"])


def body(depth):
    parts = []
    for _ in range(draw.randint(1, 3)):
        parts.append(gap())
        parts.append(draw.choice([
            lambda: tag("o", value(3)), lambda: tag("c", "note"), lambda: tag("b", f"set {draw.choice('uvw')} = {value(2)}"),
            lambda: tag("o", draw.choice("uvw")),
            lambda: tag("b", f"if {truth(2)}") + body(depth - 1) + tag("b", "else") + body(depth - 1) + tag("b", "endif")
            if depth else tag("o", text(1)),
            lambda: tag("b", f"for {draw.choice('uvw')} in range({draw.randint(0, 3)})") + body(depth - 1)
            + tag("b", "endfor") if depth else tag("o", number(1)),
        ])())
    return "".join(parts) + gap()


templates = [(name, template) for name, template in named.items()]
for index in range(120):
    inside = tag("b", "for message in messages" + draw.choice(["", f" if message.role != 'system'"])) + body(2)
    templates.append((f"drawn {index}", gap() + inside + tag("b", "endfor") + gap()))

cases = []
for name, template in templates:
    for talk in talks if name in named else [draw.choice(talks)]:
        for prompt in [True, False] if name in named else [draw.choice([True, False])]:
            messages = [{"role": role, "content": content} for role, content in talk]
            case = {"name": name, "template": template, "messages": messages, "add_generation_prompt": prompt}
            try:
                case["text"] = _compile_jinja_template(template).render(
                    messages=messages, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>", tools=None,
                    documents=None)
            except Exception as error:  # What the template refuses, whatever the class.
                case["error"] = str(error)
            cases.append(case)
path = pathlib.Path(__file__).parent / "chat-templates.json"
path.write_text(json.dumps(cases, ensure_ascii=False, separators=(",", ":")) + "\n")
