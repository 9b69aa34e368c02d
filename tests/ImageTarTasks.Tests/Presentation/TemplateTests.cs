using CsCheck;
using ImageTarTasks.Core.Diagnostics;
using ImageTarTasks.Presentation.Templates;

namespace ImageTarTasks.Tests.Presentation;

/// <summary>Go's template language with Docker's functions: the answers are those of Go's text/template.</summary>
[TestClass]
public sealed class TemplateTests
{
    private static readonly RecordValue Data = new RecordValue("map[string]interface {}")
        .With("Name", "app")
        .With("Count", 3L)
        .With("Yes", true)
        .With("Empty", "")
        .With("Nothing", (object?)null)
        .With("Words", ListValue.FromStrings(["a", "b", "c"]))
        .With("None", ListValue.FromStrings(null))
        .With("Map", MapValue.FromStrings([KeyValuePair.Create("z", "1"), KeyValuePair.Create("a", "2")]))
        .With("Inner", new RecordValue("map[string]interface {}").With("Deep", "down"))
        .With("Bad", "\u001b[31m##vso[x]\n");

    private static readonly string[] Pieces =
    [
        "{{",
        "}}",
        "{{-",
        "-}}",
        "if",
        "range",
        "end",
        "else",
        "with",
        ".",
        "$",
        "$x",
        ":=",
        "=",
        "|",
        "(",
        ")",
        "\"",
        "`",
        "'",
        "/*",
        "*/",
        "json",
        "printf",
        "%d",
        "and",
        "1",
        "-1",
        "1e9",
        "0x",
        "nil",
        ",",
        " ",
        "\\",
        "Words",
        "break",
        "continue",
        "日",
        "\n",
    ];

    [TestMethod]
    [DataRow("plain", "plain")]
    [DataRow("{{.Name}}-{{.Count}}", "app-3")]
    [DataRow("{{.Yes}} {{.Nothing}} {{.Empty}}|", "true <nil> |")]
    [DataRow("{{.Inner.Deep}}", "down")]
    [DataRow("{{.Words}} {{.None}} {{.Map}}", "[a b c] [] map[a:2 z:1]")]
    [DataRow(
        "{{json .Words}} {{json .None}} {{json .Map}} {{json .Nothing}}",
        """["a","b","c"] null {"a":"2","z":"1"} null"""
    )]
    [DataRow("{{if .Yes}}y{{else}}n{{end}}{{if .Empty}}y{{else if .Count}}c{{else}}n{{end}}", "yc")]
    [DataRow("{{range .Words}}<{{.}}>{{end}}", "<a><b><c>")]
    [DataRow("{{range $i, $w := .Words}}{{$i}}{{$w}} {{end}}", "0a 1b 2c ")]
    [DataRow("{{range $k, $v := .Map}}{{$k}}={{$v}};{{end}}", "a=2;z=1;")]
    [DataRow("{{range .None}}x{{else}}none{{end}}", "none")]
    [DataRow("{{range .Words}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a")]
    [DataRow("{{range .Words}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac")]
    [DataRow("{{with .Inner}}{{.Deep}} {{$.Name}}{{end}}", "down app")]
    [DataRow("{{with .Empty}}x{{else}}empty{{end}}", "empty")]
    [DataRow("{{$x := 1}}{{range .Words}}{{$x = 2}}{{end}}{{$x}}", "2")]
    [DataRow("{{.Name | upper | printf \"%s!\"}}", "APP!")]
    [DataRow("{{ .Name -}}   x   {{- .Name }}", "appxapp")]
    [DataRow("a{{/* no one reads this */}}b", "ab")]
    [DataRow("{{index .Map \"z\"}}{{index .Map \"none\"}}{{index .Words 1}}", "1b")]
    [DataRow("{{len .Words}} {{len .Name}} {{len .Map}}", "3 3 2")]
    [DataRow("{{slice .Name 1}} {{slice .Words 1 2}}", "pp [b]")]
    [DataRow(
        "{{eq .Count 3}} {{ne .Count 3}} {{lt 1 2}} {{ge .Count 4}} {{eq .Name \"x\" \"app\"}}",
        "true false true false true"
    )]
    [DataRow("{{and .Yes .Count}} {{or .Empty \"d\"}} {{not .Yes}}", "3 d false")]
    [DataRow("{{join .Words \"-\"}} {{split \"a/b\" \"/\"}}", "a-b-c [a b]")]
    [DataRow(
        "{{title \"some words\"}} {{lower \"AB\"}} {{pad \"x\" 1 2}}| {{truncate \"12345\" 2}}",
        "Some Words ab  x  | 12"
    )]
    [DataRow("{{print 1 2 \"a\" \"b\" 3}} {{println 1 \"a\"}}", "1 2ab3 1 a\n")]
    [DataRow(
        "{{printf \"%5s|%-5s|%05d|%q|%v|%x|%t|%%\" \"a\" \"b\" 7 \"q\" .Words \"hi\" true}}",
        "    a|b    |00007|\"q\"|[a b c]|6869|true|%"
    )]
    [DataRow("{{printf \"%d %s\" \"a\"}}", "%!d(string=a) %!s(MISSING)")]
    [DataRow("{{printf \"%c\" 4294967361}}", "\ufffd", DisplayName = "no letter has a number of more than 32 bits")]
    [DataRow("{{len `é`}} {{slice `aéb` 1 3}} {{slice `é` 0 (len `é`)}}", "2 é é")]
    [DataRow("{{lt `\uffee` `\ud83d\ude00`}}", "true", DisplayName = "text is compared by its bytes")]
    [DataRow(
        "{{json 1.5}} {{json 1e-7}} {{json 1e21}} {{json 1e20}} {{json -2.0}}",
        "1.5 1e-7 1e+21 100000000000000000000 -2"
    )]
    [DataRow("{{1234567.0}} {{0.0001}} {{0.00001}} {{123456.5}}", "1.234567e+06 0.0001 1e-05 123456.5")]
    [DataRow("{{printf \"%d\" 1 2}}", "1%!(EXTRA int=2)")]
    [DataRow("{{`raw \\n`}} {{\"tab\\t\"}}|{{'a'}} {{0x10}} {{1.5}} {{true}} {{nil | printf \"%v\"}}", null)]
    [DataRow("{{`raw \\n`}} {{\"tab\\t\"}}|{{'a'}} {{0x10}} {{1.5}} {{true}}", "raw \\n tab\t|97 16 1.5 true")]
    [DataRow("{{range 3}}{{.}}{{end}}", "012")]
    public void Templates_say_what_Gos_say(string template, string? expected)
    {
        if (expected is null)
        {
            Assert.ThrowsExactly<ImageTarException>(() => Template.Parse(template).Execute(Data));
        }
        else
        {
            Assert.AreEqual(expected, Template.Parse(template).Execute(Data));
        }
    }

    [TestMethod]
    [DataRow("{{", "unclosed action")]
    [DataRow("{{.Name", "unclosed action")]
    [DataRow("{{end}}", "unexpected {{end}}")]
    [DataRow("{{if .Yes}}", "unexpected EOF")]
    [DataRow("{{\"open}}", "unterminated quoted string")]
    [DataRow("{{nosuch .Name}}", "function \"nosuch\" not defined")]
    [DataRow("{{$x}}", "undefined variable \"$x\"")]
    [DataRow("{{/* open", "unclosed comment")]
    [DataRow("{{.Nosuch}}", "map has no entry for key \"Nosuch\"")]
    [DataRow("{{.Name.Deeper}}", "can't evaluate field Deeper in type string")]
    [DataRow("{{index .Words 9}}", "index out of range: 9")]
    [DataRow("{{upper .Words}}", "wrong type for value; expected string")]
    [DataRow("{{len .Count}}", "error calling len: len of type int")]
    [DataRow("{{lt .Name 1}}", "incompatible types for comparison")]
    [DataRow("{{upper}}", "wrong number of args for upper: want 1 got 0")]
    [DataRow(
        "{{range "
            + "1000000000}}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{end}}",
        "the output is too long"
    )]
    public void A_template_that_cannot_be_filled_says_why_in_Gos_words(string template, string why)
    {
        var failure = Assert.ThrowsExactly<ImageTarException>(() => Template.Parse(template).Execute(Data));
        Assert.AreEqual("ITT1030", failure.Diagnostic.Code);
        Assert.Contains(why, failure.Message);
    }

    [TestMethod]
    [DataRow("{{.Bad}}")]
    [DataRow("{{upper .Bad}}")]
    [DataRow("{{printf \"%s\" .Bad}}")]
    [DataRow("{{json .Bad}}")]
    [DataRow("{{print .Bad}}")]
    [DataRow("{{join (split .Bad \"m\") \"m\"}}")]
    [DataRow("{{truncate .Bad 9}}")]
    [DataRow("{{.}}")]
    [DataRow("{{json .}}")]
    public void Text_of_an_image_comes_out_harmless_whatever_is_done_to_it(string template)
    {
        var text = Template.Parse(template).Execute(Data);
        Assert.DoesNotContain("\u001b", text);
        Assert.DoesNotContain("##vso[", text);
        Assert.DoesNotContain("##VSO[", text);
    }

    [TestMethod]
    public void No_template_does_worse_than_an_error() =>
        Gen.OneOf(Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]), Gen.String[Gen.Char, 0, 3])
            .Array[0, 24]
            .Sample(words =>
            {
                try
                {
                    Template.Parse(string.Concat(words)).Execute(Data);
                }
                catch (ImageTarException failure)
                {
                    Assert.AreEqual("ITT1030", failure.Diagnostic.Code);
                }
            });

    [TestMethod]
    public void Nesting_is_bounded()
    {
        var deep =
            string.Concat(Enumerable.Repeat("{{if true}}", 100_000))
            + string.Concat(Enumerable.Repeat("{{end}}", 100_000));
        Assert.AreEqual("ITT1030", Assert.ThrowsExactly<ImageTarException>(() => Template.Parse(deep)).Diagnostic.Code);
        var parentheses = "{{" + new string('(', 100_000) + "1" + new string(')', 100_000) + "}}";
        Assert.AreEqual(
            "ITT1030",
            Assert.ThrowsExactly<ImageTarException>(() => Template.Parse(parentheses)).Diagnostic.Code
        );
    }
}
