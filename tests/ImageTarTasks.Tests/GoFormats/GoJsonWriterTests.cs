using System.Buffers;
using System.Text;
using ImageTarTasks.Core.GoFormats;

namespace ImageTarTasks.Tests.GoFormats;

[TestClass]
public sealed class GoJsonWriterTests
{
    // The right-hand sides are what Go 1.22's json.Marshal prints for the same strings.
    [TestMethod]
    [DataRow("plain é ☃ \U0001F600", "\"plain é ☃ \U0001F600\"")]
    [DataRow("<a href='x'>&</a>", "\"\\u003ca href='x'\\u003e\\u0026\\u003c/a\\u003e\"")]
    [DataRow("\" \\ /", "\"\\\" \\\\ /\"")]
    [DataRow("\b\f\n\r\t\0\u001f\u007f", "\"\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\"")]
    [DataRow("\u2028\u2029\ufffd", "\"\\u2028\\u2029\ufffd\"")]
    public void Strings_are_escaped_as_Go_escapes_them(string text, string expected) =>
        Assert.AreEqual(expected, Write(json => json.String(text)));

    [TestMethod]
    public void Half_a_surrogate_pair_becomes_the_replacement_character() =>
        Assert.AreEqual("\"a\\ufffdb\"", Write(json => json.String("a\ud800b")));

    [TestMethod]
    public void Values_are_separated_and_nested_without_spaces() =>
        Assert.AreEqual("""{"a":[1,-2,true,false,null],"b":{},"c":[],"d":{"e":"f"}}""", Write(Sample));

    [TestMethod]
    public void Indentation_is_that_of_json_Indent() =>
        Assert.AreEqual(
            "{\n    \"a\": [\n        1,\n        -2,\n        true,\n        false,\n        null\n "
                + "   ],\n    \"b\": {},\n    \"c\": [],\n    \"d\": {\n        \"e\": \"f\"\n    }\n}",
            Write(Sample, "    ")
        );

    [TestMethod]
    public void Html_stays_when_not_escaped() =>
        Assert.AreEqual("\"<&>\\u2028\"", Write(json => json.String("<&>\u2028"), null, false));

    [TestMethod]
    [DataRow("2026-11-23T16:28:27.086158712Z", "2026-11-23T16:28:27.0861587Z")]
    [DataRow("2026-11-23T16:28:27.500Z", "2026-11-23T16:28:27.5Z")]
    [DataRow("2026-11-23T16:28:27.000Z", "2026-11-23T16:28:27Z")]
    [DataRow("2026-11-23T16:28:27+02:30", "2026-11-23T16:28:27+02:30")]
    [DataRow("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    public void Times_are_read_and_written_as_Go_does(string text, string expected)
    {
        Assert.IsTrue(GoTime.TryParse(text, out var time));
        Assert.AreEqual(expected, GoTime.Format(time));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("2026-11-23")]
    [DataRow("2026-11-23 16:28:27Z")]
    [DataRow("2026-13-23T16:28:27Z")]
    [DataRow("2026-11-23T16:28:27")]
    [DataRow("2026-11-23T16:28:27.Z")]
    [DataRow("2026-11-23T16:28:27Z\n")]
    public void Other_texts_are_not_times(string text) => Assert.IsFalse(GoTime.TryParse(text, out _));

    private static void Sample(GoJsonWriter json)
    {
        json.BeginObject();
        json.Name("a").BeginArray();
        json.Number(1);
        json.Number(-2);
        json.Boolean(true);
        json.Boolean(false);
        json.Null();
        json.EndArray();
        json.Name("b").BeginObject();
        json.EndObject();
        json.Name("c").Strings([]);
        json.Name("d").BeginObject();
        json.Name("e").String("f");
        json.EndObject();
        json.EndObject();
    }

    private static string Write(Action<GoJsonWriter> write, string? indent = null, bool escapeHtml = true)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(new GoJsonWriter(bytes, indent, escapeHtml));
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
